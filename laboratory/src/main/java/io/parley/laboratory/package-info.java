/** A policy and a task whose answers are known exactly, to check algorithms against formulas. */
package io.parley.laboratory;

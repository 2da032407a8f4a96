/** Behaviour cloning: every algorithm's start and reference. */
package io.parley.algorithms.bc;

/** Scripted partners, and what can be known of them beforehand. */
package io.parley.tasks.partners;

/** The weights task: blocks of unknown weights, a scale, and evidence that is decided by enumeration. */
package io.parley.tasks.weights;

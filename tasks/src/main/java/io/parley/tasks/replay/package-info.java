/** A partner that says what people said. */
package io.parley.tasks.replay;

/** The human participants of the deliberation tasks. */
package io.parley.tasks.people;

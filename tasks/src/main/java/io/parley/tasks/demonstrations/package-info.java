/** What the demonstrators of the deliberation tasks have in common. */
package io.parley.tasks.demonstrations;

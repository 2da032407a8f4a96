/** What the tasks have in common in which a group deliberates with the collaborator and its partner. */
package io.parley.tasks.group;

/** Scripted collaborators, which give every metric its scale. */
package io.parley.tasks.scripted;

/** The form of the dialogue log. */
package io.parley.tasks.log;

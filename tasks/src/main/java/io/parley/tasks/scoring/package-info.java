/** The scorer of dialogue logs. */
package io.parley.tasks.scoring;

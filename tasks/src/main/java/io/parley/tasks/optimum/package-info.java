/** What a collaborator can know when it answers, and the most that it can make of it. */
package io.parley.tasks.optimum;

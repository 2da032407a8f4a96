/** The card selection task: episodes, participants, demonstrations, scripted policies. */
package io.parley.tasks.wason;

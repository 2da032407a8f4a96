/** The card selection task: episodes, participants and demonstrations. */
package io.parley.tasks.wason;

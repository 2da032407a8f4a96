/** Ways to cut the influence of an intervention out of a prompt. */
package io.parley.tasks.counterfactuals;

/** Preference optimisation without a reward model, and where its pairs come from. */
package io.parley.algorithms.dpo;

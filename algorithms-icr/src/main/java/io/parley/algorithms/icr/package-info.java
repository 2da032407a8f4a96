/** Counterfactual invariance: the regularisers, and ICR, which is PPO with them. */
package io.parley.algorithms.icr;

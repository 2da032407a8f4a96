/** Proximal policy optimisation and the regularisers that belong to it. */
package io.parley.algorithms.ppo;

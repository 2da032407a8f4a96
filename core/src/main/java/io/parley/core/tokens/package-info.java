/**
 * From texts to tokens and back, for policies that speak token by token: what a policy is trained with and what its frozen
 * copy is served with is the same code, so that both read and answer alike.
 */
package io.parley.core.tokens;

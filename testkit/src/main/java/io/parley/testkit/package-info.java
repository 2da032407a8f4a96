/**
 * Contract tests for plugins: a class for each kind of provider, which the author of one extends. They hold a provider
 * to what the interfaces' documentation says, and a failure quotes the sentence that is broken and what was seen.
 */
package io.parley.testkit;

/**
 * The language of the full-press setting: what kinds of sentence there are, how each is worded, and a parser that reads what was
 * worded. Tasks add what sentences are about.
 */
package io.parley.tasks.language;

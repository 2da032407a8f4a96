package io.parley.tasks.weights;

/** An answer to a question: what a sentence is about. */
record Claim(Question question, Relation answer) {}

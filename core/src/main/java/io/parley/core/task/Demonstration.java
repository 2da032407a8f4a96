package io.parley.core.task;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;

/** A prompt and how a person-like demonstrator answered it. */
public record Demonstration(Prompt prompt, Response response) {}

package io.parley.core.training;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;

/** Two responses to one prompt, one preferred. */
public record Preference(Prompt prompt, Response chosen, Response rejected) {}

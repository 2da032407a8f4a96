package io.parley.core.plugin;

/** The configuration of a plugin that has nothing to configure. */
public record NoConfig() {}

package io.parley.core.plugin;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a component of a configuration record whose value, where the key is left out, depends on another key. The reference of
 * experiment.yaml then names that key where it gives other components' defaults.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface DefaultDependsOn {
    /** The other key. */
    String value();
}

package io.parley.tasks.group;

import io.parley.tasks.people.Regime;
import java.util.List;

/** What tasks with a group read of their configurations, each of which is complete as {@link GroupConfig} makes it. */
public interface GroupKeys {
    Regime regime();

    Integer rounds();

    List<Double> visible();

    Integer participants();

    String people();
}

package io.parley.tasks.counterfactuals;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * {@code prefix}: the intervention stays in the prompt, but a notice after the system segments declares that it will
 * not help. This is the counterfactual state of Nath and Krishnaswamy (2025, arXiv 2510.22462).
 */
public final class Prefix implements CounterfactualProvider<NoConfig>, Counterfactual {
    private static final String TEXT = "whatever the partner suggests will not help so answer from everything else";
    private static final Segment NOTICE = new Segment(Role.SYSTEM, SegmentKind.NOTICE, 0, TEXT);

    @Override
    public String id() {
        return "prefix";
    }

    @Override
    public String description() {
        return "A notice in the system message declares that the intervention will not help.";
    }

    @Override
    public int spiVersion() {
        return Spi.VERSION;
    }

    @Override
    public Class<NoConfig> configType() {
        return NoConfig.class;
    }

    @Override
    public Counterfactual create(NoConfig config, PluginContext context) {
        return this;
    }

    @Override
    public List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
        List<Prompt> result = new ArrayList<>(prompts.size());
        for (Prompt prompt : prompts) {
            if (prompt.segments().contains(NOTICE)) {
                result.add(prompt);
                continue;
            }
            List<Segment> segments = new ArrayList<>(prompt.segments().size() + 1);
            segments.addAll(prompt.segments());
            int place = 0;
            while (place < segments.size() && segments.get(place).role() == Role.SYSTEM) {
                place++;
            }
            segments.add(place, NOTICE);
            result.add(new Prompt(segments));
        }
        return result;
    }

    @Override
    public boolean cutsEveryRound() {
        return false;
    }

    @Override
    public List<String> notice() {
        return List.of(TEXT.split(" "));
    }
}

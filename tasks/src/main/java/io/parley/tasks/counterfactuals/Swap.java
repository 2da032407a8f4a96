package io.parley.tasks.counterfactuals;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.plugin.NoConfig;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Spi;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * {@code swap}: this round's intervention is replaced by the one that another episode's partner made in the same
 * round. Among the rows of a round whose partner speaks, each gives its intervention to one other; the donors are a
 * rotation by a drawn number of places. A prompt whose partner is silent stays as it is.
 */
public final class Swap implements CounterfactualProvider<NoConfig>, Counterfactual {
    @Override
    public String id() {
        return "swap";
    }

    @Override
    public String description() {
        return "Another episode's intervention stands in the place of this one's.";
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

    /** @throws IllegalArgumentException if only one row of a round has a partner that speaks: nobody can be its donor */
    @Override
    public List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
        Map<Integer, List<Integer>> speaking = new TreeMap<>();
        int[] places = new int[prompts.size()];
        for (int row = 0; row < places.length; row++) {
            Prompt prompt = prompts.get(row);
            int round = prompt.round();
            places[row] = place(prompt, round);
            if (places[row] >= 0) {
                speaking.computeIfAbsent(round, r -> new ArrayList<>()).add(row);
            }
        }
        List<Prompt> result = new ArrayList<>(prompts);
        speaking.forEach((round, rows) -> {
            if (rows.size() < 2) {
                throw new IllegalArgumentException("swap found one dialogue with an intervention in round " + round + " among "
                        + prompts.size() + "; it needs two of the same round, so use larger batches");
            }
            int shift = 1 + random.nextInt(rows.size() - 1);
            for (int i = 0; i < rows.size(); i++) {
                int row = rows.get(i);
                int donor = rows.get((i + shift) % rows.size());
                List<Segment> segments = new ArrayList<>(prompts.get(row).segments());
                segments.set(places[row], prompts.get(donor).segments().get(places[donor]));
                result.set(row, new Prompt(segments));
            }
        });
        return result;
    }

    /** Index of the segment with this round's intervention, or -1 when the partner is silent. */
    private static int place(Prompt prompt, int round) {
        List<Segment> segments = prompt.segments();
        for (int i = segments.size() - 1; i >= 0; i--) {
            Segment segment = segments.get(i);
            if (segment.kind() == SegmentKind.INTERVENTION && segment.round() == round) {
                return segment.text().equals(Mask.empty(segment.text())) ? -1 : i;
            }
        }
        return -1;
    }

    @Override
    public boolean cutsEveryRound() {
        return false;
    }
}

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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * {@code swap}: this round's intervention is replaced by one that another episode's partner made in the same round. The
 * donors are the rows of the round whose partner speaks, in rotation by a drawn number of places.
 *
 * <p>A remark fits where of the words that it shares with its own question none is missing in the other's: "blue is heavier
 * than green" answers the question about blue and green and would be beside the point of another, while a selection of cards by
 * place, or a stance on each proposition, answers any. Of each row the donor is the next in the rotation whose remark fits. So
 * where no remark names what is asked, each row gives its intervention to one other. A prompt stays as it is when its partner
 * is silent or no other row's remark fits.
 */
public final class Swap implements CounterfactualProvider<NoConfig>, Counterfactual {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");

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

    /**
     * A row whose partner speaks.
     *
     * @param place index of the segment with this round's intervention
     * @param asked words of the question
     * @param named those of them that the intervention repeats
     */
    private record Speaking(int row, int place, Set<String> asked, Set<String> named) {}

    @Override
    public List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
        Map<Integer, List<Speaking>> byRound = new TreeMap<>();
        for (int row = 0; row < prompts.size(); row++) {
            Prompt prompt = prompts.get(row);
            int place = place(prompt);
            if (place >= 0) {
                Set<String> asked = question(prompt);
                Set<String> named = words(prompt.segments().get(place));
                named.retainAll(asked);
                byRound.computeIfAbsent(prompt.round(), r -> new ArrayList<>()).add(new Speaking(row, place, asked, named));
            }
        }
        List<Prompt> result = new ArrayList<>(prompts);
        byRound.values().stream().filter(rows -> rows.size() > 1).forEach(rows -> {
            int shift = 1 + random.nextInt(rows.size() - 1);
            for (int i = 0; i < rows.size(); i++) {
                Speaking own = rows.get(i);
                Speaking donor = donor(rows, i, shift);
                if (donor != null) {
                    List<Segment> segments = new ArrayList<>(prompts.get(own.row()).segments());
                    segments.set(own.place(), prompts.get(donor.row()).segments().get(donor.place()));
                    result.set(own.row(), new Prompt(segments));
                }
            }
        });
        return result;
    }

    /** The first from a shift on whose remark fits; null if there is none. */
    private static Speaking donor(List<Speaking> rows, int receiver, int shift) {
        for (int step = 0; step < rows.size(); step++) {
            int i = (receiver + shift + step) % rows.size();
            if (i != receiver && rows.get(receiver).asked().containsAll(rows.get(i).named())) {
                return rows.get(i);
            }
        }
        return null;
    }

    /** Index of the segment with this round's intervention, or -1 when the partner is silent. */
    private static int place(Prompt prompt) {
        List<Segment> segments = prompt.segments();
        for (int i = segments.size() - 1; i >= 0; i--) {
            Segment segment = segments.get(i);
            if (segment.kind() == SegmentKind.INTERVENTION && segment.round() == prompt.round()) {
                return segment.text().equals(Mask.empty(segment.text())) ? -1 : i;
            }
        }
        return -1;
    }

    /** The words of the question that stands, which may be of an earlier round. */
    private static Set<String> question(Prompt prompt) {
        return prompt.segments().stream().filter(s -> s.kind() == SegmentKind.QUESTION)
                .reduce((former, latter) -> latter).map(Swap::words).orElseGet(HashSet::new);
    }

    private static Set<String> words(Segment segment) {
        return WORD.matcher(segment.text()).results().map(MatchResult::group).collect(Collectors.toCollection(HashSet::new));
    }

    @Override
    public boolean cutsEveryRound() {
        return false;
    }
}

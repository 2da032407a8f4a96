package io.parley.testkit;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.Task;
import io.parley.laboratory.SuggestionBandit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What a counterfactual promises, tried on the dialogues of a suggestion bandit of three rounds or of {@link #task}. */
public abstract class CounterfactualContract extends ProviderContract<CounterfactualProvider<?>> {
    private static final int EPISODES = 12;
    private static final Clause ROWS = new Clause(Counterfactual.class, "The counterfactual prompts, one a row");
    private static final Clause INPUT = new Clause(Counterfactual.class, "The prompts and their list are left as they are.");
    private static final Clause ROUND = new Clause(Counterfactual.class, "The round that is asked stays the same");
    private static final Clause REST = new Clause(Counterfactual.class,
            "nothing but interventions and notices in the system segments differs");
    private static final Clause CUTS = new Clause(Counterfactual.class, "with the intervention's influence cut");
    private static final Clause EVERY = new Clause(Counterfactual.class,
            "Whether the interventions of every round are cut, or only the current round's.");
    private static final Clause NOTICE = new Clause(Counterfactual.class,
            "The words that it may append to the system segments, in order; empty when it appends none.");
    private static final Clause FITS = new Clause(TextSpec.class, "with room for the notices of counterfactuals");
    private static final Clause DRAWS = new Clause(Counterfactual.class, "the same generator gives the same prompts");
    private static final Clause AGAIN = new Clause(Counterfactual.class,
            "a counterfactual that does not draw leaves what it has cut already as it is");

    /** For contracts outside this package to extend. */
    protected CounterfactualContract() {
        super(CounterfactualProvider.class);
    }

    /** The task whose dialogues it cuts. */
    protected Task task() {
        return new SuggestionBandit(0.6, 3, 2);
    }

    /** Who speaks in them. */
    protected InterventionAgent partner() {
        return SuggestionBandit.partner(0.7, 0.2);
    }

    @Override
    Counterfactual make(PluginSpec spec, PluginContext context) {
        return provider().configured(spec, context);
    }

    /** One round's prompts and what became of them. */
    private record Cut(List<Prompt> before, List<Prompt> after) {}

    private List<Cut> cuts() {
        Counterfactual counterfactual = make(spec(), context(3));
        List<Cut> cuts = new ArrayList<>();
        for (List<Prompt> prompts : Play.prompts(task(), partner(), EPISODES)) {
            List<Prompt> after = counterfactual.cut(prompts, random());
            ROWS.require(after != null && after.size() == prompts.size(),
                    () -> prompts.size() + " prompts gave " + (after == null ? "null" : after.size() + " prompts"));
            cuts.add(new Cut(prompts, after));
        }
        return cuts;
    }

    private static RandomGenerator random() {
        return new RandomStreams(5).stream("testkit", 0, 0, 0);
    }

    /** Segments that a cut may not touch, in order. */
    private static List<Segment> rest(Prompt prompt) {
        return prompt.segments().stream()
                .filter(s -> s.kind() != SegmentKind.INTERVENTION && s.kind() != SegmentKind.NOTICE).toList();
    }

    @Test
    void leavesItsInputAsItIs() {
        List<Prompt> prompts = new ArrayList<>(Play.prompts(task(), partner(), EPISODES).get(0));
        List<Prompt> copy = List.copyOf(prompts);
        make(spec(), context(3)).cut(prompts, random());
        INPUT.same(copy, prompts, "the list of prompts");
    }

    @Test
    void keepsTheRound() {
        for (Cut cut : cuts()) {
            for (int i = 0; i < cut.before().size(); i++) {
                ROUND.same(cut.before().get(i).round(), cut.after().get(i).round(), "the round of row " + i);
            }
        }
    }

    @Test
    void changesNothingElse() {
        for (Cut cut : cuts()) {
            for (int i = 0; i < cut.before().size(); i++) {
                REST.same(rest(cut.before().get(i)), rest(cut.after().get(i)),
                        "what row " + i + " says beside interventions and notices");
            }
        }
    }

    @Test
    void cutsSomething() {
        for (Cut cut : cuts()) {
            CUTS.require(!cut.before().equals(cut.after()), () -> "in round " + cut.before().get(0).round()
                    + " not one of " + cut.before().size() + " prompts was changed, such as:\n" + cut.before().get(0));
        }
    }

    @Test
    void leavesEarlierRoundsUnlessItCutsEveryRound() {
        if (make(spec(), context(3)).cutsEveryRound()) {
            return;
        }
        for (Cut cut : cuts()) {
            for (int i = 0; i < cut.before().size(); i++) {
                EVERY.same(earlier(cut.before().get(i)), earlier(cut.after().get(i)),
                        "cutsEveryRound() is false, but what the partner said before in row " + i);
            }
        }
    }

    private static List<Segment> earlier(Prompt prompt) {
        return prompt.segments().stream()
                .filter(s -> s.kind() == SegmentKind.INTERVENTION && s.round() < prompt.round()).toList();
    }

    @Test
    void announcesItsNotice() {
        List<String> notice = make(spec(), context(3)).notice();
        for (Cut cut : cuts()) {
            for (int i = 0; i < cut.before().size(); i++) {
                String before = system(cut.before().get(i));
                String after = system(cut.after().get(i));
                boolean announced = after.equals(before) || after.equals((before + " " + String.join(" ", notice)).trim());
                NOTICE.require(announced, () -> "notice() is " + notice + ", and the system segments became '" + after
                        + "' from '" + before + "'");
            }
        }
    }

    private static String system(Prompt prompt) {
        List<String> texts = prompt.segments().stream().filter(s -> s.role() == Role.SYSTEM).map(s -> s.text().trim()).toList();
        return String.join(" ", texts);
    }

    @Test
    void fitsTheTextsOfTheTask() {
        TextSpec text = task().text().withNotices(List.of(make(spec(), context(3)).notice()));
        Set<String> words = new HashSet<>(text.words());
        for (Cut cut : cuts()) {
            for (Prompt prompt : cut.after()) {
                int dialogue = 0;
                for (Segment segment : prompt.segments()) {
                    dialogue += segment.role() == Role.SYSTEM ? 0 : text.split(segment.text()).size();
                    for (String word : text.split(segment.text())) {
                        FITS.require(words.contains(word), () -> "'" + word
                                + "' is a word of neither the task nor notice()");
                    }
                }
                int length = dialogue;
                FITS.require(length <= text.maxDialogueWords(), () -> "a prompt has " + length
                        + " words beside the system segments, and the "
                        + "task announces at most " + text.maxDialogueWords());
            }
        }
    }

    @Test
    void drawsFromItsGeneratorAlone() {
        List<Cut> once = cuts();
        List<Cut> again = cuts();
        for (int i = 0; i < once.size(); i++) {
            DRAWS.same(once.get(i).after(), again.get(i).after(), "the cut of round " + (i + 1));
        }
    }

    @Test
    void leavesWhatIsCutAsItIs() {
        Counterfactual counterfactual = make(spec(), context(3));
        for (List<Prompt> prompts : Play.prompts(task(), partner(), EPISODES)) {
            AtomicInteger drawn = new AtomicInteger();
            RandomGenerator random = random();
            List<Prompt> once = counterfactual.cut(prompts, () -> {
                drawn.incrementAndGet();
                return random.nextLong();
            });
            if (drawn.get() == 0) {
                AGAIN.same(once, counterfactual.cut(once, random()), "cut once and cut twice, round " + prompts.get(0).round());
            }
        }
    }
}

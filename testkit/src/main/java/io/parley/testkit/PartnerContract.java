package io.parley.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.parley.core.dialogue.Prompt;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Intervention;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.PartnerView;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.laboratory.SuggestionBandit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What a partner promises, tried on a suggestion bandit of three rounds or on {@link #task}. */
public abstract class PartnerContract extends ProviderContract<InterventionAgentProvider<?>> {
    private static final int EPISODES = 24;
    private static final Clause SPEAKS = new Clause(InterventionAgent.class,
            "Never null: a partner with nothing to say is silent");
    private static final Clause WORDS = new Clause(Intervention.class,
            "the stance it suggests on each proposition, in the task's words; empty when it is silent");
    private static final Clause STATELESS = new Clause(InterventionAgent.class, "Keeps no state between calls.");
    private static final Clause REPEATS = new Clause(InterventionAgent.class,
            "Whether the same view and streams always give the same intervention.");
    private static final Clause KEYED = new Clause(InterventionAgent.class,
            "keyed streams; use view.episode() and view.round() as the key");

    /** For contracts outside this package to extend. */
    protected PartnerContract() {
        super(InterventionAgentProvider.class);
    }

    /** A task that it can be the partner of. */
    protected Task task() {
        return new SuggestionBandit(0.6, 3, 2);
    }

    @Override
    InterventionAgent make(PluginSpec spec, PluginContext context) {
        return provider().configured(spec, context);
    }

    private InterventionAgent partner() {
        return make(spec(), context(3));
    }

    /** What the task shows a partner in each episode and round, and the streams it gives. */
    private record Asked(PartnerView view, RandomStreams streams, Intervention answer) {}

    private List<Asked> play(InterventionAgent partner, int first, int count) {
        List<Asked> asked = new ArrayList<>();
        Play.all(task(), Play.request(Split.TRAIN, first, count, (view, streams) -> {
            PartnerView kept = keep(view);
            Intervention answer = partner.intervene(view, streams);
            SPEAKS.require(answer != null, () -> "null in episode " + view.episode() + ", round " + view.round());
            asked.add(new Asked(kept, streams, answer));
            return answer;
        }));
        return asked;
    }

    /** The view as it is now; what it draws comes from the view itself, which draws from the generator it is given. */
    private static PartnerView keep(PartnerView view) {
        long episode = view.episode();
        int round = view.round();
        Prompt prompt = view.prompt();
        List<Intervention> earlier = List.copyOf(view.earlier());
        Optional<String> position = view.position();
        return new PartnerView() {
            @Override
            public long episode() {
                return episode;
            }

            @Override
            public int round() {
                return round;
            }

            @Override
            public int rounds() {
                return view.rounds();
            }

            @Override
            public Prompt prompt() {
                return prompt;
            }

            @Override
            public List<String> trueSuggestion() {
                return view.trueSuggestion();
            }

            @Override
            public List<String> falseSuggestion(RandomGenerator random) {
                return view.falseSuggestion(random);
            }

            @Override
            public List<String> biasedSuggestion() {
                return view.biasedSuggestion();
            }

            @Override
            public Optional<String> position() {
                return position;
            }

            @Override
            public List<String> suggestion(String held) {
                return view.suggestion(held);
            }

            @Override
            public List<Intervention> earlier() {
                return earlier;
            }
        };
    }

    private static String place(Asked asked) {
        return "episode " + asked.view().episode() + ", round " + asked.view().round();
    }

    @Test
    void suggestsInTheTasksWords() {
        for (Asked asked : play(partner(), 0, EPISODES)) {
            if (asked.answer().silent()) {
                continue;
            }
            List<String> correct = asked.view().trueSuggestion();
            Set<String> words = new HashSet<>(task().text().words());
            WORDS.require(asked.answer().suggestion().size() == correct.size(), () -> "in " + place(asked) + " it suggested "
                    + asked.answer().suggestion() + ", where the correct suggestion is " + correct);
            for (String word : asked.answer().suggestion()) {
                WORDS.require(words.contains(word), () -> "in " + place(asked) + " it suggested '" + word
                        + "', which is no word of the task; there are " + words);
            }
        }
    }

    /** A partner that remembers calls answers otherwise when the episodes come in another order. */
    @Test
    void keepsNoState() {
        InterventionAgent partner = partner();
        assumeTrue(partner.deterministic(),
                "what a partner that is not deterministic remembers cannot be told apart from what it draws");
        List<Asked> played = play(partner, 0, EPISODES);
        List<Asked> backwards = new ArrayList<>(played);
        Collections.reverse(backwards);
        for (Asked asked : backwards) {
            STATELESS.same(asked.answer(), partner.intervene(asked.view(), asked.streams()),
                    "the intervention in " + place(asked));
        }
    }

    /** Another instance, as another worker makes it. */
    @Test
    void repeatsItselfWhenItSaysSo() {
        assumeTrue(partner().deterministic(), "it says that it is not deterministic");
        List<Asked> once = play(partner(), 0, EPISODES);
        List<Asked> again = play(partner(), 0, EPISODES);
        for (int i = 0; i < once.size(); i++) {
            REPEATS.same(once.get(i).answer(), again.get(i).answer(), "the intervention in " + place(once.get(i)));
        }
    }

    /** One generator for all, or one keyed by something else, ties an episode to its batch. */
    @Test
    void drawsByEpisodeAndRound() {
        assumeTrue(partner().deterministic(), "it says that it is not deterministic");
        Map<String, Intervention> together = new HashMap<>();
        play(partner(), 0, EPISODES).forEach(asked -> together.put(place(asked), asked.answer()));
        for (int first = 5; first < EPISODES; first += 7) {
            for (Asked asked : play(partner(), first, 1)) {
                KEYED.same(together.get(place(asked)), asked.answer(),
                        "the intervention in " + place(asked) + ", among others and alone,");
            }
        }
    }
}

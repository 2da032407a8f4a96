package io.parley.testkit;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.random.RandomStreams;
import io.parley.core.training.Preference;
import io.parley.core.training.PreferenceSource;
import io.parley.core.training.PreferenceSourceProvider;
import io.parley.core.training.Preferences;
import io.parley.core.training.TrainingContext;
import io.parley.laboratory.SuggestionBandit;
import io.parley.laboratory.TabularPolicy;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** What a source of preference pairs promises, tried on the suggestion bandit with a tabular policy. */
public abstract class PreferenceSourceContract extends ProviderContract<PreferenceSourceProvider<?>> {
    private static final long BUDGET = 1_003;
    private static final Clause BUDGETED = new Clause(PreferenceSource.class, "they keep to context.budget()");
    private static final Clause COUNTS = new Clause(Preferences.class,
            "number of responses that were sampled for them, pairs that were not kept included");
    private static final Clause PAIRS = new Clause(Preference.class, "Two responses to one prompt, one preferred.");
    private static final Clause SAME = new Clause(PreferenceSource.class,
            "The same context and initial policy give the same pairs.");
    private static final Clause LEAVES = new Clause(PreferenceSource.class, "It is sampled and scored, never trained or closed");
    private static final Clause CANCELS = new Clause(PreferenceSource.class, "CancellationException if the context is cancelled");

    /** For contracts outside this package to extend. */
    protected PreferenceSourceContract() {
        super(PreferenceSourceProvider.class);
    }

    @Override
    PreferenceSource make(PluginSpec spec, PluginContext context) {
        return provider().configured(spec, context);
    }

    private final class Run implements AutoCloseable {
        final SuggestionBandit task = new SuggestionBandit(0.6, 2, 1);
        final TabularPolicy table = new TabularPolicy(
                (ResponseFormat.Choices) task.text().format(), TabularPolicy.Optimizer.ADAM);
        final ObservedPolicy policy = new ObservedPolicy(table);

        Preferences preferences(long budget, boolean cancelled) {
            PluginContext plugins = context(7);
            return make(spec(), plugins).preferences(new TrainingContext(task, SuggestionBandit.partner(0.8, 0.2),
                    (prompt, response, parts) -> parts.get("own"), budget, List.of(), new RandomStreams(7), (n, metrics) -> {},
                    () -> cancelled), policy);
        }

        @Override
        public void close() {
            table.close();
        }
    }

    @Test
    void keepsToTheBudgetAndCounts() {
        for (long budget : new long[] {BUDGET, 1}) {
            try (Run run = new Run()) {
                try {
                    Preferences preferences = run.preferences(budget, false);
                    COUNTS.require(preferences.responses() == run.policy.sampled,
                            () -> "responses() is " + preferences.responses() + " and " + run.policy.sampled + " were sampled");
                } catch (ConfigurationException refused) {
                    BUDGETED.require(budget == 1, () -> "a budget of " + budget + " was refused: " + refused.getMessage());
                }
                BUDGETED.require(run.policy.sampled <= budget,
                        () -> "with a budget of " + budget + " it sampled " + run.policy.sampled);
            }
        }
    }

    @Test
    void pairsHoldTwoResponses() {
        try (Run run = new Run()) {
            List<Preference> pairs = run.preferences(BUDGET, false).pairs();
            PAIRS.require(!pairs.isEmpty(), () -> "there are no pairs");
            for (Preference pair : pairs) {
                PAIRS.require(!pair.chosen().text().equals(pair.rejected().text()),
                        () -> "both responses are '" + pair.chosen() + "'");
                try {
                    List<Prompt> twice = List.of(pair.prompt(), pair.prompt());
                    List<Response> responses = List.of(pair.chosen(), pair.rejected());
                    run.table.score(twice, responses, ScoreRequest.logProbs());
                } catch (IllegalArgumentException e) {
                    throw PAIRS.broken("the policy cannot score '" + pair.chosen() + "' and '" + pair.rejected()
                            + "': " + e.getMessage(), e);
                }
            }
        }
    }

    @Test
    void isDeterministic() {
        try (Run one = new Run(); Run two = new Run()) {
            SAME.same(one.preferences(BUDGET, false), two.preferences(BUDGET, false), "the pairs");
        }
    }

    @Test
    void leavesTheInitialPolicyAsItIs() {
        try (Run run = new Run()) {
            run.preferences(BUDGET, false);
            LEAVES.require(run.policy.steps == 0 && run.policy.openUpdates == 0
                    && run.policy.openSnapshots == 0 && !run.policy.closed,
                    () -> run.policy.steps + " steps were taken, " + run.policy.openUpdates + " updates and "
                            + run.policy.openSnapshots + " snapshots are open, and the policy is "
                            + (run.policy.closed ? "closed" : "open"));
        }
    }

    /** One that samples nothing has nothing to stop. */
    @Test
    void stopsWhenCancelled() {
        try (Run run = new Run()) {
            try {
                run.preferences(BUDGET, true);
            } catch (CancellationException stopped) {
                return;
            }
            CANCELS.require(run.policy.sampled == 0, () -> "the context was cancelled, and it sampled " + run.policy.sampled
                    + " responses");
        }
    }
}

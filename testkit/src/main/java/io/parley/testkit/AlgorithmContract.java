package io.parley.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Plugins;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.AlignmentAlgorithm;
import io.parley.core.training.TrainingCheckpoint;
import io.parley.core.training.MetricsSink;
import io.parley.core.training.TrainingContext;
import io.parley.laboratory.SuggestionBandit;
import io.parley.laboratory.TabularPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;

/**
 * What an algorithm promises, tried on the suggestion bandit with a tabular policy that begins uniform. Choose a
 * {@link #configuration} for it: a table wants a learning rate of about 0.05, and of whatever the algorithm gathers
 * between updates so little that {@link #budget} gives several.
 */
public abstract class AlgorithmContract extends ProviderContract<AlgorithmProvider<?>> {
    private static final Clause TRAINS = new Clause(AlignmentAlgorithm.class, "Trains policy in place, towards a higher reward");
    private static final Clause STREAMS = new Clause(AlignmentAlgorithm.class,
            "the same context and initial parameters give the same parameters and the same curve");
    private static final Clause BUDGET = new Clause(TrainingContext.class,
            "number of responses that may be sampled, the same for every algorithm of a comparison");
    private static final Clause REPORTS = new Clause(AlignmentAlgorithm.class,
            "It reports at least one point of its learning curve");
    private static final Clause RESPONSES = new Clause(MetricsSink.class, "responses sampled so far");
    private static final Clause CANCELS = new Clause(TrainingContext.class,
            "asked between updates; when true, #checkCancelled throws");
    private static final Clause CANCELLATION = new Clause(AlignmentAlgorithm.class,
            "CancellationException if the context is cancelled");
    private static final Clause CLOSES = new Clause(AlignmentAlgorithm.class,
            "When it returns or throws, every update and snapshot that it opened is closed");
    private static final Clause KEEPS = new Clause(AlignmentAlgorithm.class, "the caller keeps and closes it");
    private static final Clause GOES_ON = new Clause(TrainingCheckpoint.class,
            "goes on from there and ends with the same parameters and the same curve, to the last bit, as if it had not been");
    private static final Clause NAMED = new Clause(AlgorithmProvider.class,
            "The counterfactuals that the algorithm uses with this configuration");

    /** A bandit of one token: the reward of a policy is a sum over three states. */
    private static final SuggestionBandit SMALL = new SuggestionBandit(0.6, 1, 1);
    private static final double RELIABILITY = 0.8;
    private static final double SILENT = 0.2;
    /** Several rounds and tokens, in which confusing rows, rounds or tokens shows. */
    private static final SuggestionBandit WIDE = new SuggestionBandit(0.6, 2, 2);

    @TempDir
    private Path kept;

    /** For contracts outside this package to extend. */
    protected AlgorithmContract() {
        super(AlgorithmProvider.class);
    }

    /** Responses that it may sample when it is to learn; 0 for one that learns from demonstrations. */
    protected long budget() {
        return 20_000;
    }

    /**
     * How much of the way from the uniform start's expected reward (0.5) to the optimum's (0.76) it goes within
     * {@link #budget}, from 0 to 1.
     */
    protected double share() {
        return 0.5;
    }

    @Override
    AlignmentAlgorithm make(PluginSpec spec, PluginContext context) {
        return provider().configured(spec, context);
    }

    private record Point(long responses, long sampled, Map<String, Double> metrics) {
        Point shown() {
            return new Point(responses, 0, metrics);
        }
    }

    /** Keeps what it is offered at one boundary of the loop, and cuts training off there. */
    private final class Kept implements TrainingCheckpoint {
        private final int boundary;
        private int offered;
        private Run run;
        private List<Point> points;
        private byte[] state;

        /** @param boundary number of the offer, from 1; 0 to only count them */
        Kept(int boundary) {
            this.boundary = boundary;
        }

        Run during(Run training) {
            run = training;
            run.checkpoint = this;
            return run;
        }

        @Override
        public <S extends Record> Optional<S> restore(TrainablePolicy policy, Class<S> type) {
            if (state == null) {
                return Optional.empty();
            }
            try {
                policy.loadState(kept);
                run.points.clear();
                run.points.addAll(points);
                return Optional.of(Plugins.strictMapper().readValue(state, type));
            } catch (IOException e) {
                throw GOES_ON.broken("the state that it kept, " + new String(state, StandardCharsets.UTF_8)
                        + ", cannot be read back: " + e.getMessage(), e);
            }
        }

        @Override
        public void keep(TrainablePolicy policy, Record offer) {
            offered++;
            if (state != null || offered != boundary) {
                return;
            }
            try {
                policy.saveState(kept);
                points = List.copyOf(run.points);
                state = Plugins.strictMapper().writeValueAsBytes(offer);
            } catch (IOException e) {
                throw GOES_ON.broken("its state " + offer + " cannot be written: " + e.getMessage(), e);
            }
            throw new CancellationException("cut off");
        }
    }

    /** One training run. */
    private final class Run implements AutoCloseable {
        final SuggestionBandit task;
        final TabularPolicy table;
        final ObservedPolicy policy;
        final List<Point> points = new ArrayList<>();
        boolean cancelled;
        TrainingCheckpoint checkpoint = TrainingCheckpoint.NONE;

        Run(SuggestionBandit task) {
            this.task = task;
            table = new TabularPolicy((ResponseFormat.Choices) task.text().format(), TabularPolicy.Optimizer.ADAM);
            policy = new ObservedPolicy(table);
        }

        Run train(long budget) {
            PluginContext plugins = context(7);
            BooleanSupplier asked = () -> cancelled;
            make(spec(), plugins).train(new TrainingContext(task, SuggestionBandit.partner(RELIABILITY, SILENT),
                    (prompt, response, parts) -> parts.get("own"), budget, List.of(), new RandomStreams(7),
                    (responses, metrics) -> points.add(new Point(responses, policy.sampled, Map.copyOf(metrics))), asked,
                    checkpoint), policy);
            return this;
        }

        /** Logits of every state of the first round. */
        List<double[]> logits() {
            List<double[]> logits = new ArrayList<>();
            for (String first : List.of("left", "right", "none")) {
                for (String second : List.of("left", "right", "none")) {
                    logits.add(table.logits(SuggestionBandit.prompt(first, second)));
                }
            }
            return logits;
        }

        @Override
        public void close() {
            table.close();
        }
    }

    /** Enough for several updates, little enough to be quick. */
    private long little() {
        return Math.min(budget(), 2_000);
    }

    @Test
    void learns() {
        try (Run run = new Run(SMALL).train(budget())) {
            double reward = 0;
            double told = 1 - SILENT;
            for (String said : List.of("left", "right", "none")) {
                double[] pi = run.table.probabilities(SuggestionBandit.prompt(said));
                double[] rewards = SMALL.expectedRewards(said, RELIABILITY);
                double left = 0.6 * RELIABILITY + 0.4 * (1 - RELIABILITY);
                double probability = said.equals("none") ? SILENT : told * (said.equals("left") ? left : 1 - left);
                reward += probability * (pi[0] * rewards[0] + pi[1] * rewards[1]);
            }
            double optimum = SMALL.optimum(RELIABILITY, SILENT);
            double found = reward;
            TRAINS.require(reward >= 0.5 + share() * (optimum - 0.5), () -> String.format(Locale.ROOT,
                    "after %d responses and %d steps the expected reward is %.3f; the start's is 0.500, the optimum %.3f, and "
                            + "share() asks for %.3f. Does it need another learning rate, or a larger budget()?",
                    run.policy.sampled, run.policy.steps, found, optimum, 0.5 + share() * (optimum - 0.5)));
        }
    }

    @Test
    void isDeterministic() {
        try (Run one = new Run(WIDE).train(little()); Run two = new Run(WIDE).train(little())) {
            List<double[]> first = one.logits();
            List<double[]> second = two.logits();
            for (int i = 0; i < first.size(); i++) {
                STREAMS.same(first.get(i), second.get(i), "the logits of state " + i);
            }
            STREAMS.same(one.points, two.points, "the curve");
        }
    }

    @Test
    void respectsItsBudget() {
        // One response is less than an episode.
        for (long budget : budget() == 0 ? List.of(0L) : List.of(little() - 1, 1L)) {
            try (Run run = new Run(WIDE)) {
                try {
                    run.train(budget);
                } catch (ConfigurationException refused) {
                    BUDGET.require(budget == 1,
                            () -> "a budget of " + budget + " responses was refused: " + refused.getMessage());
                }
                BUDGET.require(run.policy.sampled <= budget,
                        () -> "with a budget of " + budget + " it sampled " + run.policy.sampled);
            }
        }
    }

    @Test
    void reportsItsCurve() {
        try (Run run = new Run(WIDE).train(little())) {
            REPORTS.require(run.points.stream().anyMatch(point -> point.metrics().values().stream().anyMatch(Double::isFinite)),
                    () -> run.points.size() + " points, none of which holds a number");
            for (Point point : run.points) {
                RESPONSES.require(point.responses() == point.sampled(),
                        () -> "a point says " + point.responses() + " responses when " + point.sampled() + " were sampled");
            }
        }
    }

    @Test
    void stopsWhenCancelled() {
        try (Run run = new Run(WIDE)) {
            long[] sampled = new long[1];
            run.policy.afterStep = () -> {
                sampled[0] = run.cancelled ? sampled[0] : run.policy.sampled;
                run.cancelled = true;
            };
            try {
                run.train(little());
            } catch (CancellationException stopped) {
                CANCELS.require(run.policy.sampled == sampled[0], () -> "it was cancelled after its first step, and sampled "
                        + (run.policy.sampled - sampled[0]) + " more responses before it stopped");
                return;
            }
            if (run.policy.steps < 2) {
                throw new AssertionFailedError("the run took " + run.policy.steps
                        + " steps, so nothing can be said about stopping it: with "
                        + little() + " responses the configuration should give at least two updates");
            }
            throw CANCELLATION.broken("it was cancelled after its first step, took "
                    + (run.policy.steps - 1) + " more and returned", null);
        }
    }

    @Test
    void closesWhatItOpens() {
        for (boolean interrupted : new boolean[] {false, true}) {
            try (Run run = new Run(WIDE)) {
                run.policy.afterStep = () -> {
                    if (interrupted && run.policy.steps == 2) {
                        throw new CancellationException("from within a step");
                    }
                };
                try {
                    run.train(little());
                } catch (CancellationException e) {
                    if (!interrupted) {
                        throw e;
                    }
                }
                CLOSES.require(run.policy.openUpdates == 0 && run.policy.openSnapshots == 0, () -> "after "
                        + (interrupted ? "an exception within a step " : "training ") + run.policy.openUpdates + " updates and "
                        + run.policy.openSnapshots + " snapshots are open");
            }
        }
    }

    @Test
    void goesOnFromWhatItKept() {
        try (Run whole = new Run(WIDE)) {
            Kept counted = new Kept(0);
            counted.during(whole).train(little());
            if (counted.offered == 0) {
                abort("it keeps nothing, and begins anew when it is cut off");
            }
            for (int boundary : new TreeSet<>(List.of(1, (counted.offered + 1) / 2, counted.offered))) {
                Kept kept = new Kept(boundary);
                try (Run begun = new Run(WIDE); Run rest = new Run(WIDE)) {
                    try {
                        kept.during(begun).train(little());
                    } catch (CancellationException cutOff) {
                        // As it was to be.
                    }
                    kept.during(rest).train(little());
                    String where = ", cut off at boundary " + boundary + " of " + counted.offered + ",";
                    for (int i = 0; i < whole.logits().size(); i++) {
                        GOES_ON.same(whole.logits().get(i), rest.logits().get(i), "the logits of state " + i + where);
                    }
                    GOES_ON.same(whole.points.stream().map(Point::shown).toList(),
                            rest.points.stream().map(Point::shown).toList(), "the curve" + where);
                }
            }
        }
    }

    @Test
    void leavesThePolicyToItsCaller() {
        try (Run run = new Run(WIDE).train(little())) {
            KEEPS.require(!run.policy.closed, () -> "the policy is closed after training");
        }
    }

    @Test
    void namesCounterfactualsThatExist() {
        PluginContext context = context(7);
        for (PluginSpec named : counterfactuals(provider(), context)) {
            try {
                context.plugins().find(CounterfactualProvider.class, named.id()).configured(named, context);
            } catch (ConfigurationException e) {
                throw NAMED.broken("it names " + named.toJson() + ", which cannot be made: " + e.getMessage(), e);
            }
        }
    }

    private <C extends Record> List<PluginSpec> counterfactuals(AlgorithmProvider<C> provider, PluginContext context) {
        return provider.counterfactuals(context.plugins().config(provider, spec()), context);
    }
}

package io.parley.testkit;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.Task;
import io.parley.laboratory.SuggestionBandit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * What a policy promises, tried on the dialogues of a suggestion bandit or of {@link #task}. Extend
 * {@link TrainablePolicyContract} for one that can be trained.
 */
public abstract class PolicyContract extends ProviderContract<PolicyProvider<?>> {
    /** For numbers that may differ by rounding. */
    static final double ROUNDING = 1e-4;
    private static final int EPISODES = 6;
    private static final Clause ONE = new Clause(Policy.class, "Draws one response to each prompt.");
    private static final Clause FORMAT = new Clause(ResponseFormat.Choices.class, "the words allowed at each position");
    private static final Clause DRAWN = new Clause(Policy.class, "with the log-probabilities under which it was drawn");
    private static final Clause SUM = new Clause(Policy.class, "a distribution over responses to a prompt");
    private static final Clause TAKES = new Clause(Policy.class,
            "one generator a row; one nextDouble() is taken for each token of that row's response");
    private static final Clause ALONE = new Clause(Policy.class,
            "What one row gives does not depend on the other rows of the call, apart from rounding.");
    private static final Clause AGAIN = new Clause(Policy.class, "Scores given responses, without gradient and without dropout.");
    private static final Clause GREEDY = new Clause(SamplingConfig.class, "0 takes the most likely token");
    private static final Clause TOP = new Clause(SamplingConfig.class, "only the k most likely tokens; 0 for all");
    private static final Clause SMOOTHED = new Clause(ScoreRequest.class,
            "scores are those of (1 − ε)·π + ε·uniform over the tokens allowed at the position");
    private static final Clause ENTROPY = new Clause(ScoreRequest.class, "entropy of the distribution of each token, nats");
    private static final Clause VALUES = new Clause(Policy.class,
            "if the policy has no value head and values are asked for, or cannot score");
    private static final Clause VALUE = new Clause(Response.class,
            "Value estimate before each token, as computed while sampling.");
    private static final Clause REFUSES = new Clause(Policy.class,
            "if the sizes differ, a prompt is too long, or a response is not one that the policy could give");
    private static final Clause FIT = new Clause(Policy.class,
            "all lose the same oldest rounds, never the system segments or the current round");
    private static final Clause FITS = new Clause(Policy.class, "as many prompts, the same objects where nothing had to go");
    private static final Clause CLOSED = new Clause(Policy.class, "Closing twice is allowed");
    private static final Clause SEED = new Clause(PolicyProvider.class,
            "where parameters are drawn, they come from context.streams()");

    private static final Clause CHECKED = new Clause(PolicyProvider.class,
            "Takes every configuration that a policy can be made of.");

    /** For contracts outside this package to extend. */
    protected PolicyContract() {
        super(PolicyProvider.class);
    }

    /** The task whose prompts it reads. */
    protected Task task() {
        return new SuggestionBandit(0.6, 2, 2);
    }

    /** Who speaks in them. */
    protected InterventionAgent partner() {
        return SuggestionBandit.partner(0.7, 0.2);
    }

    @Override
    Policy make(PluginSpec spec, PluginContext context) {
        return provider().configured(spec, task().text(), context);
    }

    /** The policy under test; the caller closes it. */
    Policy policy() {
        return make(spec(), context(3));
    }

    /** Prompts of several episodes and rounds. */
    final List<Prompt> prompts() {
        return Play.prompts(task(), partner(), EPISODES).stream().flatMap(List::stream).toList();
    }

    static List<RandomGenerator> streams(int count, long seed) {
        List<RandomGenerator> streams = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            streams.add(new RandomStreams(seed).stream("sample", i, 0, 0));
        }
        return streams;
    }

    private static List<Response> sample(Policy policy, List<Prompt> prompts, SamplingConfig sampling) {
        return policy.sample(prompts, sampling, streams(prompts.size(), 17));
    }

    static List<Response> sample(Policy policy, List<Prompt> prompts) {
        return sample(policy, prompts, SamplingConfig.standard());
    }

    /** Responses known by their words alone, as a demonstration is. */
    private static List<Response> words(List<Response> responses) {
        return responses.stream().map(r -> Response.of(r.text())).toList();
    }

    private static float[][] logProbs(List<Response> responses) {
        return responses.stream().map(Response::logProbs).toArray(float[][]::new);
    }

    /** Scores, or an aborted test where the policy cannot give them. */
    static Scores score(Policy policy, List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
        try {
            return policy.score(prompts, responses, request);
        } catch (UnsupportedOperationException e) {
            return abort("the policy says that it cannot score this: " + e.getMessage());
        }
    }

    @Test
    void theCheckTakesWhatAPolicyCanBeMadeOf() {
        policy().close();
        check(provider());
    }

    private <C extends Record> void check(PolicyProvider<C> provider) {
        PluginContext context = context(3);
        try {
            provider.check(context.plugins().config(provider, spec()), task().text(), context);
        } catch (RuntimeException e) {
            throw CHECKED.broken("a policy was made of " + spec() + ", and its check gave " + e, e);
        }
    }

    @Test
    void drawsOneAllowedResponseEach() {
        try (Policy policy = policy()) {
            List<Prompt> prompts = prompts();
            List<Response> responses = sample(policy, prompts);
            ONE.require(responses.size() == prompts.size(),
                    () -> prompts.size() + " prompts gave " + responses.size() + " responses");
            if (task().text().format() instanceof ResponseFormat.Choices choices) {
                List<String> allowed = all(choices);
                for (Response response : responses) {
                    FORMAT.require(allowed.contains(response.text()), () -> "it answered '" + response.text() + "'; allowed are "
                            + choices.positions());
                }
            }
        }
    }

    /** Every response of a format, in order. */
    private static List<String> all(ResponseFormat.Choices format) {
        List<String> all = List.of("");
        for (List<String> allowed : format.positions()) {
            all = all.stream().flatMap(beginning -> allowed.stream().map(word -> (beginning + " " + word).trim())).toList();
        }
        return all;
    }

    /** Aborts where there are too many to try. */
    private List<String> all() {
        assumeTrue(task().text().format() instanceof ResponseFormat.Choices, "free texts cannot be enumerated");
        List<String> all = all((ResponseFormat.Choices) task().text().format());
        assumeTrue(all.size() <= 256, "there are " + all.size() + " responses");
        return all;
    }

    @Test
    void sampledLogProbsAreTheScoredOnes() {
        try (Policy policy = policy()) {
            List<Prompt> prompts = prompts();
            List<Response> responses = sample(policy, prompts);
            float[][] scored = score(policy, prompts, responses, ScoreRequest.logProbs()).logProbs();
            DRAWN.close(logProbs(responses), scored, ROUNDING, "the log-probability at sampling, and when scored");
            if (task().text().format() instanceof ResponseFormat.Choices) {
                float[][] read = policy.score(prompts, words(responses), ScoreRequest.logProbs()).logProbs();
                DRAWN.close(scored, read, ROUNDING, "the log-probability of the response, and of its words alone");
            }
        }
    }

    @Test
    void probabilitiesSumToOne() {
        List<String> all = all();
        try (Policy policy = policy()) {
            for (double smoothing : new double[] {0, 0.3}) {
                for (Prompt prompt : prompts().subList(0, 3)) {
                    double sum = 0;
                    for (double p : probabilities(policy, prompt, all, smoothing)) {
                        sum += p;
                    }
                    double found = sum;
                    SUM.require(Math.abs(sum - 1) < 1e-3, () -> "with smoothing " + smoothing + " the probabilities of all "
                            + all.size() + " responses sum to " + found + " at:\n" + prompt);
                }
            }
        }
    }

    private static double[] probabilities(Policy policy, Prompt prompt, List<String> all, double smoothing) {
        float[][] logProbs = score(policy, Collections.nCopies(all.size(), prompt), all.stream().map(Response::of).toList(),
                ScoreRequest.logProbs().withSmoothing(smoothing)).logProbs();
        double[] probabilities = new double[all.size()];
        for (int i = 0; i < probabilities.length; i++) {
            double sum = 0;
            for (float logProb : logProbs[i]) {
                sum += logProb;
            }
            probabilities[i] = Math.exp(sum);
        }
        return probabilities;
    }

    @Test
    void drawsAsOftenAsItSays() {
        List<String> all = all();
        try (Policy policy = policy()) {
            int n = 1000;
            Prompt prompt = prompts().get(0);
            double[] p = probabilities(policy, prompt, all, 0);
            Map<String, Integer> drawn = new HashMap<>();
            policy.sample(Collections.nCopies(n, prompt), SamplingConfig.standard(), streams(n, 23))
                    .forEach(response -> drawn.merge(response.text(), 1, Integer::sum));
            for (int i = 0; i < p.length; i++) {
                // Five standard deviations and half a response: once in a million responses by chance.
                double allowed = 5 * Math.sqrt(n * p[i] * Math.max(0, 1 - p[i])) + 0.5;
                int k = i;
                int found = drawn.getOrDefault(all.get(i), 0);
                DRAWN.require(Math.abs(found - n * p[i]) <= allowed, () -> "'" + all.get(k) + "' has probability " + p[k]
                        + " and was drawn "
                        + found + " times in " + n);
            }
        }
    }

    @Test
    void takesOneNumberForEachToken() {
        try (Policy policy = policy()) {
            List<Prompt> prompts = prompts();
            List<Counting> counting = streams(prompts.size(), 17).stream().map(Counting::new).toList();
            List<Response> responses = policy.sample(prompts, SamplingConfig.standard(), counting);
            for (int i = 0; i < responses.size(); i++) {
                int tokens = responses.get(i).logProbs().length;
                Counting taken = counting.get(i);
                TAKES.require(taken.doubles == tokens && taken.others == 0, () -> "a response of " + tokens + " tokens took "
                        + taken.doubles
                        + " times nextDouble() and " + taken.others + " times something else");
            }
        }
    }

    private static final class Counting implements RandomGenerator {
        private final RandomGenerator random;
        private int doubles;
        private int others;

        Counting(RandomGenerator random) {
            this.random = random;
        }

        @Override
        public double nextDouble() {
            doubles++;
            return random.nextDouble();
        }

        @Override
        public long nextLong() {
            others++;
            return random.nextLong();
        }
    }

    @Test
    void aRowDoesNotDependOnItsBatchMates() {
        try (Policy policy = policy()) {
            List<Prompt> prompts = prompts();
            List<Response> together = sample(policy, prompts);
            for (int i = 0; i < prompts.size(); i += 5) {
                List<Response> alone = policy.sample(prompts.subList(i, i + 1), SamplingConfig.standard(),
                        streams(prompts.size(), 17).subList(i, i + 1));
                ALONE.same(together.get(i).text(), alone.get(0).text(), "the response of row " + i + ", among others and alone,");
                ALONE.close(logProbs(together.subList(i, i + 1)), logProbs(alone), ROUNDING, "log-probabilities of row " + i
                        + " among others, and alone");
            }
            float[][] scores = score(policy, prompts, together, ScoreRequest.logProbs()).logProbs();
            for (int i = 0; i < prompts.size(); i += 5) {
                float[][] alone = policy.score(prompts.subList(i, i + 1),
                        together.subList(i, i + 1), ScoreRequest.logProbs()).logProbs();
                ALONE.close(new float[][] {scores[i]}, alone, ROUNDING, "the score of row " + i + " among others, and alone");
            }
        }
    }

    @Test
    void scoringIsDeterministic() {
        try (Policy policy = policy()) {
            List<Prompt> prompts = prompts();
            List<Response> responses = sample(policy, prompts);
            float[][] once = score(policy, prompts, responses, ScoreRequest.logProbs()).logProbs();
            for (int i = 0; i < 3; i++) {
                AGAIN.close(once, policy.score(prompts, responses, ScoreRequest.logProbs()).logProbs(),
                        0, "the score, and the same again");
            }
        }
    }

    @Test
    void temperatureZeroTakesTheMostLikely() {
        List<String> all = all();
        try (Policy policy = policy()) {
            SamplingConfig greedy = new SamplingConfig(0, 0, 1, false);
            List<Prompt> prompts = prompts();
            List<Response> once = policy.sample(prompts, greedy, streams(prompts.size(), 1));
            List<Response> again = policy.sample(prompts, greedy, streams(prompts.size(), 2));
            for (int i = 0; i < prompts.size(); i++) {
                int row = i;
                GREEDY.same(once.get(i).text(), again.get(i).text(), "the response of row " + i + " under two streams");
                double[] p = probabilities(policy, prompts.get(i), all, 0);
                // The likeliest first word: more than what any other has.
                Map<String, Double> first = new HashMap<>();
                for (int k = 0; k < p.length; k++) {
                    first.merge(all.get(k).split(" ")[0], p[k], Double::sum);
                }
                double best = Collections.max(first.values());
                String taken = once.get(i).text().split(" ")[0];
                GREEDY.require(first.get(taken) > best - 1e-3, () -> "row " + row + " begins with '" + taken
                        + "', and the probabilities are " + first);
            }
        }
    }

    @Test
    void topKKeepsTheMostLikely() {
        try (Policy policy = policy()) {
            List<Prompt> prompts = prompts();
            List<Response> responses = policy.sample(prompts, new SamplingConfig(1, 1, 1, false), streams(prompts.size(), 1));
            for (Response response : responses) {
                for (float logProb : response.logProbs()) {
                    TOP.require(Math.abs(logProb) < ROUNDING,
                            () -> "with topK 1 a token was drawn with log-probability " + logProb);
                }
            }
        }
    }

    @Test
    void smoothingMixesWithTheUniform() {
        try (Policy policy = policy()) {
            assumeTrue(task().text().format() instanceof ResponseFormat.Choices,
                    "what is allowed in a free text is the policy's to know");
            List<List<String>> positions = ((ResponseFormat.Choices) task().text().format()).positions();
            List<Prompt> prompts = prompts();
            List<Response> responses = sample(policy, prompts);
            float[][] plain = score(policy, prompts, responses, ScoreRequest.logProbs()).logProbs();
            float[][] smoothed = policy.score(prompts, responses, ScoreRequest.logProbs().withSmoothing(0.3)).logProbs();
            assumeTrue(plain[0].length == positions.size(), "its tokens are not the words");
            for (int i = 0; i < plain.length; i++) {
                for (int t = 0; t < plain[i].length; t++) {
                    plain[i][t] = (float) Math.log(0.7 * Math.exp(plain[i][t]) + 0.3 / positions.get(t).size());
                }
            }
            SMOOTHED.close(plain, smoothed, ROUNDING, "the smoothed score by the formula, and as given");
        }
    }

    @Test
    void entropyIsThatOfTheDistribution() {
        List<String> all = all();
        try (Policy policy = policy()) {
            for (Prompt prompt : prompts().subList(0, 3)) {
                List<Response> responses = all.stream().map(Response::of).toList();
                List<Prompt> same = Collections.nCopies(all.size(), prompt);
                Scores scores = score(policy, same, responses, ScoreRequest.logProbs().withEntropy());
                Map<String, Double> first = new HashMap<>();
                for (int i = 0; i < all.size(); i++) {
                    first.put(all.get(i).split(" ")[0], (double) scores.logProbs()[i][0]);
                }
                assumeTrue(scores.logProbs()[0].length == all.get(0).split(" ").length, "its tokens are not the words");
                double entropy = 0;
                for (double logProb : first.values()) {
                    entropy -= Double.isInfinite(logProb) ? 0 : Math.exp(logProb) * logProb;
                }
                ENTROPY.close(new float[][] {{(float) entropy}}, new float[][] {{scores.entropy()[0][0]}}, ROUNDING,
                        "the entropy of the first token by its sum, and as given");
            }
        }
    }

    @Test
    void valuesAreThereOrRefused() {
        try (Policy policy = policy()) {
            List<Prompt> prompts = prompts();
            List<Response> responses;
            try {
                responses = sample(policy, prompts, SamplingConfig.standard().withValues());
            } catch (UnsupportedOperationException none) {
                List<Response> plain = sample(policy, prompts);
                VALUES.refused(UnsupportedOperationException.class,
                        () -> policy.score(prompts, plain, ScoreRequest.logProbs().withValues()),
                                "values were refused when sampling, and scoring with values");
                return;
            }
            float[][] sampled = responses.stream().map(Response::values).toArray(float[][]::new);
            VALUE.close(score(policy, prompts, responses, ScoreRequest.logProbs().withValues()).values(), sampled, ROUNDING,
                    "the value when scored, and when sampled");
        }
    }

    @Test
    void refusesWhatItCannotScore() {
        try (Policy policy = policy()) {
            List<Prompt> prompts = prompts();
            List<Response> responses = sample(policy, prompts);
            REFUSES.refused(IllegalArgumentException.class, () -> sample(policy, prompts.subList(0, 2), streams(1, 1)),
                    "two prompts and one generator");
            score(policy, prompts, responses, ScoreRequest.logProbs());
            REFUSES.refused(IllegalArgumentException.class, () -> policy.score(prompts.subList(0, 1), responses.subList(0, 2),
                    ScoreRequest.logProbs()),
                    "one prompt and two responses");
            if (task().text().format() instanceof ResponseFormat.Choices) {
                REFUSES.refused(IllegalArgumentException.class, () -> policy.score(prompts.subList(0, 1),
                        List.of(Response.of("no-such-word")),
                        ScoreRequest.logProbs()), "the response 'no-such-word'");
            }
        }
    }

    private static void sample(Policy policy, List<Prompt> prompts, List<RandomGenerator> streams) {
        policy.sample(prompts, SamplingConfig.standard(), streams);
    }

    @Test
    void fitKeepsWhatMustStay() {
        try (Policy policy = policy()) {
            Prompt last = prompts().get(prompts().size() - 1);
            List<Prompt> fitting = List.of(last, last);
            List<Prompt> kept = policy.fit(fitting);
            FITS.require(kept.size() == 2 && kept.get(0) == last && kept.get(1) == last,
                    () -> "two prompts that fit came back as " + kept.size() + " prompts"
                            + (kept.equals(fitting) ? ", copies" : ", others"));
            Prompt dialogue = repeated(last, 40);
            List<Prompt> fitted;
            try {
                fitted = policy.fit(List.of(dialogue, dialogue));
            } catch (IllegalArgumentException tooLong) {
                return;
            }
            FIT.same(fitted.get(0), fitted.get(1), "two equal versions of a dialogue");
            FIT.same(must(dialogue), must(fitted.get(0)),
                    "system segments and current round of a dialogue of 40 rounds, before and after fit,");
            try {
                policy.sample(fitted, SamplingConfig.standard(), streams(2, 1));
            } catch (IllegalArgumentException e) {
                throw FIT.broken("a prompt that came from fit was refused: " + e.getMessage(), e);
            }
        }
    }

    /** The prompt with its last round played over and over. */
    private static Prompt repeated(Prompt prompt, int rounds) {
        int round = prompt.round();
        List<Segment> segments = new ArrayList<>(prompt.segments().stream().filter(s -> s.role() == Role.SYSTEM).toList());
        List<Segment> once = prompt.segments().stream().filter(s -> s.role() != Role.SYSTEM && s.round() == round).toList();
        List<Segment> settled = prompt.segments().stream().filter(s -> s.role() != Role.SYSTEM
                && s.round() == Math.max(1, round - 1)).toList();
        for (int r = 1; r <= rounds; r++) {
            for (Segment segment : r < rounds ? settled : once) {
                segments.add(new Segment(segment.role(), segment.kind(), r, segment.text()));
            }
        }
        return new Prompt(segments);
    }

    private static List<Segment> must(Prompt prompt) {
        int round = prompt.round();
        return prompt.segments().stream().filter(s -> s.role() == Role.SYSTEM || s.round() == round).toList();
    }

    @Test
    void canBeClosedTwice() {
        Policy policy = policy();
        policy.close();
        try {
            policy.close();
        } catch (RuntimeException e) {
            throw CLOSED.broken("the second close() threw " + e, e);
        }
    }

    @Test
    void theSameSeedMakesTheSamePolicy() {
        try (Policy one = make(spec(), context(3)); Policy two = make(spec(), context(3))) {
            List<Prompt> prompts = prompts();
            List<Response> responses = sample(one, prompts);
            SEED.close(logProbs(responses), logProbs(sample(two, prompts)), 0,
                    "log-probabilities of a policy, and of another from the same streams");
        }
    }
}

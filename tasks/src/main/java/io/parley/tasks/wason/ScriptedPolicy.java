package io.parley.tasks.wason;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A policy that answers with one of a set of stances, each equally likely. Its tokens are the four words, and the
 * distribution of each is the exact conditional given the words before it.
 */
final class ScriptedPolicy implements Policy {
    private static final int WORDS = Stances.WORDS.size();

    private final Function<Reading, int[]> answers;

    /** @param answers the codes to choose from, at least one */
    ScriptedPolicy(Function<Reading, int[]> answers) {
        this.answers = answers;
    }

    /** All selections of two cards. */
    static int[] guess() {
        return pairsExcept(-1);
    }

    /** All selections of two cards but one. */
    static int[] pairsExcept(int code) {
        int[] codes = new int[Stances.PAIRS.length];
        int n = 0;
        for (int pair : Stances.PAIRS) {
            if (Stances.ofSelection(pair) != code) {
                codes[n++] = Stances.ofSelection(pair);
            }
        }
        return Arrays.copyOf(codes, n);
    }

    @Override
    public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        if (prompts.size() != streams.size()) {
            throw new IllegalArgumentException(prompts.size() + " prompts and " + streams.size() + " generators");
        }
        if (sampling.values()) {
            throw noValues();
        }
        List<Response> responses = new ArrayList<>(prompts.size());
        for (int row = 0; row < prompts.size(); row++) {
            int[] codes = answers.apply(Reading.of(prompts.get(row)));
            float[] logProbs = new float[Stances.CARDS];
            int prefix = 0;
            for (int card = 0, place = 1; card < Stances.CARDS; card++, place *= 3) {
                double[] p = sharpen(conditional(codes, prefix, place), sampling);
                double u = streams.get(row).nextDouble();
                int word = 0;
                while (word < WORDS - 1 && (u >= p[word] || p[word] == 0)) {
                    u -= p[word++];
                }
                logProbs[card] = (float) Math.log(p[word]);
                prefix += word * place;
            }
            responses.add(Response.sampled(Stances.text(prefix), logProbs, null, null));
        }
        return responses;
    }

    @Override
    public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
        if (prompts.size() != responses.size()) {
            throw new IllegalArgumentException(prompts.size() + " prompts and " + responses.size() + " responses");
        }
        if (request.values()) {
            throw noValues();
        }
        if (!request.divergences().isEmpty()) {
            throw new UnsupportedOperationException("a scripted policy computes no divergences");
        }
        float[][] logProbs = new float[prompts.size()][Stances.CARDS];
        float[][] entropy = request.entropy() ? new float[prompts.size()][Stances.CARDS] : null;
        for (int row = 0; row < logProbs.length; row++) {
            int[] codes = answers.apply(Reading.of(prompts.get(row)));
            int code = Stances.parse(responses.get(row).text(), "response");
            for (int card = 0, place = 1; card < Stances.CARDS; card++, place *= 3) {
                double[] p = conditional(codes, code % place, place);
                double ofWord = p[code / place % WORDS];
                logProbs[row][card] = (float) Math.log((1 - request.smoothing()) * ofWord + request.smoothing() / WORDS);
                if (entropy != null) {
                    for (double x : p) {
                        entropy[row][card] -= (float) (x > 0 ? x * Math.log(x) : 0);
                    }
                }
            }
        }
        return new Scores(logProbs, null, entropy, List.of());
    }

    @Override
    public void close() {}

    /** Distribution of the next word after those of a prefix; uniform after a prefix that is never given. */
    private static double[] conditional(int[] codes, int prefix, int place) {
        double[] counts = new double[WORDS];
        int total = 0;
        for (int code : codes) {
            if (code % place == prefix) {
                counts[code / place % WORDS]++;
                total++;
            }
        }
        for (int word = 0; word < WORDS; word++) {
            counts[word] = total == 0 ? 1.0 / WORDS : counts[word] / total;
        }
        return counts;
    }

    private static double[] sharpen(double[] p, SamplingConfig sampling) {
        if (sampling.temperature() == 1 && sampling.topK() == 0 && sampling.topP() == 1) {
            return p;
        }
        int best = 0;
        for (int word = 1; word < WORDS; word++) {
            best = p[word] > p[best] ? word : best;
        }
        if (sampling.temperature() == 0 || sampling.topK() == 1) {
            double[] certain = new double[WORDS];
            certain[best] = 1;
            return certain;
        }
        double[] result = new double[WORDS];
        double total = 0;
        for (int word = 0; word < WORDS; word++) {
            // At most two words are ever possible, so that only the likelier can suffice for topP.
            boolean kept = word == best || p[best] < sampling.topP();
            result[word] = kept ? Math.pow(p[word], 1 / sampling.temperature()) : 0;
            total += result[word];
        }
        for (int word = 0; word < WORDS; word++) {
            result[word] /= total;
        }
        return result;
    }

    private static UnsupportedOperationException noValues() {
        return new UnsupportedOperationException("a scripted policy estimates no values");
    }
}

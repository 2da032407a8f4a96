package io.parley.tasks.scripted;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.tokens.TokenSampler;
import io.parley.tasks.optimum.Reading;
import io.parley.tasks.wason.WasonReader;
import io.parley.tasks.weights.WeightsReader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A policy that answers with one of a set of answers, each equally likely. Its tokens are the words of the response, and the
 * distribution of each is the exact conditional given the words before it.
 */
final class ScriptedPolicy implements Policy {
    /** The words at each position of a response. */
    private final List<List<String>> positions;
    private final Function<Prompt, Reading> reader;
    private final Function<Reading, List<List<String>>> answers;

    /**
     * A policy that answers in the form of some texts.
     *
     * @param answers the answers to choose from, at least one
     * @throws ConfigurationException if it cannot read such texts
     */
    static Policy of(TextSpec text, Function<Reading, List<List<String>>> answers) {
        return text.format() instanceof ResponseFormat.Choices
                ? new ScriptedPolicy(text, answers)
                : new SpokenPolicy(
                        reader(text), WasonReader.reads(text) ? WasonReader::wordings : WeightsReader::wordings, answers);
    }

    private ScriptedPolicy(TextSpec text, Function<Reading, List<List<String>>> answers) {
        this.reader = reader(text);
        this.positions = ((ResponseFormat.Choices) text.format()).positions();
        this.answers = answers;
    }

    private static Function<Prompt, Reading> reader(TextSpec text) {
        if (WasonReader.reads(text)) {
            return WasonReader::read;
        }
        if (WeightsReader.reads(text)) {
            return prompt -> WeightsReader.read(prompt, text);
        }
        throw new ConfigurationException("", "a scripted policy reads the prompts of wason and weights; the response format of "
                + "the task is " + text.format());
    }

    /** The answers as numbers of their words. */
    private int[][] answers(Prompt prompt) {
        return answers.apply(reader.apply(prompt)).stream().map(this::codes).toArray(int[][]::new);
    }

    /** @throws IllegalArgumentException if it is not a word of each position */
    private int[] codes(List<String> words) {
        int[] codes = new int[positions.size()];
        for (int t = 0; t < codes.length; t++) {
            codes[t] = words.size() == codes.length ? positions.get(t).indexOf(words.get(t)) : -1;
            if (codes[t] < 0) {
                throw new IllegalArgumentException(
                        "response '" + String.join(" ", words) + "' is not one word of each of " + positions);
            }
        }
        return codes;
    }

    @Override
    public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        if (prompts.size() != streams.size()) {
            throw new IllegalArgumentException(prompts.size() + " prompts and " + streams.size() + " generators");
        }
        if (sampling.values()) {
            throw noValues();
        }
        TokenSampler sampler = new TokenSampler(sampling);
        List<Response> responses = new ArrayList<>(prompts.size());
        for (int row = 0; row < prompts.size(); row++) {
            int[][] answers = answers(prompts.get(row));
            float[] logProbs = new float[positions.size()];
            int[] response = new int[positions.size()];
            StringBuilder text = new StringBuilder();
            for (int t = 0; t < response.length; t++) {
                double[] p = conditional(answers, response, t);
                float[] logits = new float[p.length];
                for (int word = 0; word < p.length; word++) {
                    logits[word] = (float) Math.log(p[word]);
                }
                response[t] = sampler.draw(logits, 0, logits.length, streams.get(row).nextDouble());
                logProbs[t] = (float) sampler.logProb();
                text.append(t == 0 ? "" : " ").append(positions.get(t).get(response[t]));
            }
            responses.add(Response.sampled(text.toString(), logProbs, null, null));
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
        float[][] logProbs = new float[prompts.size()][positions.size()];
        float[][] entropy = request.entropy() ? new float[prompts.size()][positions.size()] : null;
        for (int row = 0; row < logProbs.length; row++) {
            int[][] answers = answers(prompts.get(row));
            int[] response = codes(List.of(responses.get(row).text().trim().split("\\s+")));
            for (int t = 0; t < response.length; t++) {
                double[] p = conditional(answers, response, t);
                logProbs[row][t] =
                        (float) Math.log((1 - request.smoothing()) * p[response[t]] + request.smoothing() / p.length);
                if (entropy != null) {
                    for (double x : p) {
                        entropy[row][t] -= (float) (x > 0 ? x * Math.log(x) : 0);
                    }
                }
            }
        }
        return new Scores(logProbs, null, entropy, List.of());
    }

    @Override
    public void close() {}

    /** Distribution of word t after the t words before it; uniform after words that are never given. */
    private double[] conditional(int[][] answers, int[] response, int t) {
        double[] counts = new double[positions.get(t).size()];
        int total = 0;
        for (int[] answer : answers) {
            boolean same = true;
            for (int i = 0; i < t; i++) {
                same &= answer[i] == response[i];
            }
            if (same) {
                counts[answer[t]]++;
                total++;
            }
        }
        for (int word = 0; word < counts.length; word++) {
            counts[word] = total == 0 ? 1.0 / counts.length : counts[word] / total;
        }
        return counts;
    }

    private static UnsupportedOperationException noValues() {
        return new UnsupportedOperationException("a scripted policy estimates no values");
    }
}

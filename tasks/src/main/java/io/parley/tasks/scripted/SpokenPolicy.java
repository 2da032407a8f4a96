package io.parley.tasks.scripted;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.tasks.optimum.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A policy that says one of a set of answers, each equally likely, in one of the answer's wordings, each equally likely. A whole
 * utterance is its only token.
 */
final class SpokenPolicy implements Policy {
    private final Function<Prompt, Reading> reader;
    private final BiFunction<List<String>, List<String>, List<String>> wordings;
    private final Function<Reading, List<List<String>>> answers;

    /**
     * @param wordings the ways to say an answer (first) to a suggestion (second, null for none), at least one; no two answers
     *     share one
     * @param answers the answers to choose from, at least one
     */
    SpokenPolicy(Function<Prompt, Reading> reader, BiFunction<List<String>, List<String>, List<String>> wordings,
            Function<Reading, List<List<String>>> answers) {
        this.reader = reader;
        this.wordings = wordings;
        this.answers = answers;
    }

    /** The wordings of each answer. */
    private List<List<String>> utterances(Prompt prompt) {
        Reading reading = reader.apply(prompt);
        return answers.apply(reading).stream().map(answer -> wordings.apply(answer, reading.suggestion())).toList();
    }

    @Override
    public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        if (prompts.size() != streams.size()) {
            throw new IllegalArgumentException(prompts.size() + " prompts and " + streams.size() + " generators");
        }
        if (sampling.values()) {
            throw new UnsupportedOperationException("a scripted policy estimates no values");
        }
        List<Response> responses = new ArrayList<>(prompts.size());
        for (int row = 0; row < prompts.size(); row++) {
            List<List<String>> utterances = utterances(prompts.get(row));
            double u = streams.get(row).nextDouble();
            // Wordings are about equally likely, so that sharpening short of one choice changes nothing.
            if (sampling.temperature() == 0 || sampling.topK() == 1) {
                responses.add(Response.sampled(utterances.get(0).get(0), new float[1], null, null));
                continue;
            }
            double place = u * utterances.size();
            List<String> ways = utterances.get((int) place);
            String text = ways.get((int) ((place - (int) place) * ways.size()));
            responses.add(Response.sampled(text, new float[] {(float) -Math.log(utterances.size() * ways.size())}, null, null));
        }
        return responses;
    }

    /** @throws UnsupportedOperationException if more is asked for than log-probabilities and entropies of the policy itself */
    @Override
    public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
        if (prompts.size() != responses.size()) {
            throw new IllegalArgumentException(prompts.size() + " prompts and " + responses.size() + " responses");
        }
        if (request.values() || !request.divergences().isEmpty() || request.smoothing() > 0) {
            throw new UnsupportedOperationException(
                    "a scripted policy that speaks computes log-probabilities and entropies alone");
        }
        float[][] logProbs = new float[prompts.size()][1];
        float[][] entropy = request.entropy() ? new float[prompts.size()][1] : null;
        for (int row = 0; row < logProbs.length; row++) {
            List<List<String>> utterances = utterances(prompts.get(row));
            logProbs[row][0] = Float.NEGATIVE_INFINITY;
            for (List<String> ways : utterances) {
                double each = Math.log(utterances.size() * ways.size());
                if (ways.contains(responses.get(row).text())) {
                    logProbs[row][0] = (float) -each;
                }
                if (entropy != null) {
                    entropy[row][0] += (float) (each / utterances.size());
                }
            }
        }
        return new Scores(logProbs, null, entropy, List.of());
    }

    @Override
    public void close() {}
}

package io.parley.policies.onnx;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.random.RandomGenerator;

/**
 * A frozen policy: it samples and scores, values included, like the policy that was exported, on ONNX Runtime. It cannot be
 * trained, and gives no gradients and no snapshots; a prompt is computed anew in each call.
 *
 * <p>Unlike other policies it is thread-safe: any number of threads may sample and score at once, and get what one thread gets.
 * {@link #close} waits for the calls that are under way; calls after it throw IllegalStateException.
 */
public final class OnnxPolicy implements Policy {
    private final OnnxSession session;
    private final Form form;
    private final OnnxFile file;

    private OnnxPolicy(OnnxSession session, OnnxFile file) {
        this.session = session;
        this.form = file.form();
        this.file = file;
    }

    /**
     * Loads a file that was exported; one thread computes a call.
     *
     * @throws IOException if there is no such file, or it is damaged or not one that Parley exported; the message says which
     */
    public static OnnxPolicy load(Path path) throws IOException {
        return load(path, 1);
    }

    /**
     * As {@link #load(Path)}.
     *
     * @param threads threads that compute one call, at least 1. Calls of several threads run beside each other in any case
     */
    public static OnnxPolicy load(Path path, int threads) throws IOException {
        OnnxFile file = OnnxFile.read(path);
        return new OnnxPolicy(new OnnxSession(path, threads), file);
    }

    /** What was frozen: the id of its policy, its configuration, words and form of response, and the hash of its parameters. */
    public ObjectNode description() {
        return file.description().deepCopy();
    }

    /** Where it comes from, as the exporter was told: for a policy of a run, what its cell's manifest says. */
    public ObjectNode provenance() {
        return file.provenance().deepCopy();
    }

    /** What stands against using it for a task with these texts; null if nothing does. */
    String objection(TextSpec text) {
        return form.objection(text);
    }

    @Override
    public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        requireSameSize(prompts, streams);
        return session.use(run -> form.sample(run, prompts, sampling, streams));
    }

    /** {@inheritDoc} The target of a divergence is a frozen policy with the same tokens, such as this one. */
    @Override
    public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
        List<Form.Spoken> here = speak(prompts, responses);
        List<TokenDistribution[]> distributions = distributions(here);
        List<float[][]> divergences = new ArrayList<>();
        for (ScoreRequest.Divergence divergence : request.divergences()) {
            if (!(divergence.target() instanceof OnnxPolicy target) || !target.form.sameTokens(form)) {
                throw new IllegalArgumentException(
                        "a divergence's target is a frozen policy with the same tokens; found " + divergence.target());
            }
            List<TokenDistribution[]> there = distributions(target.speak(divergence.targetPrompts(), responses));
            float[][] nats = new float[here.size()][];
            for (int i = 0; i < nats.length; i++) {
                TokenDistribution[] others = there.get(i);
                nats[i] = each(distributions.get(i), (t, p) -> p.divergence(others[t], divergence.smoothing()));
            }
            divergences.add(nats);
        }
        float[][] logProbs = new float[here.size()][];
        float[][] values = request.values() ? new float[here.size()][] : null;
        float[][] entropy = request.entropy() ? new float[here.size()][] : null;
        for (int i = 0; i < logProbs.length; i++) {
            Form.Spoken spoken = here.get(i);
            logProbs[i] = each(distributions.get(i), (t, p) -> p.logProb(spoken.tokens()[t], request.smoothing()));
            if (values != null) {
                values[i] = spoken.values();
            }
            if (entropy != null) {
                entropy[i] = each(distributions.get(i), (t, p) -> p.entropy());
            }
        }
        return new Scores(logProbs, values, entropy, divergences);
    }

    private List<Form.Spoken> speak(List<Prompt> prompts, List<Response> responses) {
        requireSameSize(prompts, responses);
        return session.use(run -> form.speak(run, prompts, responses));
    }

    private static List<TokenDistribution[]> distributions(List<Form.Spoken> rows) {
        return rows.stream().map(spoken -> {
            TokenDistribution[] row = new TokenDistribution[spoken.tokens().length];
            for (int t = 0; t < row.length; t++) {
                row[t] = new TokenDistribution(spoken.logits()[t]);
            }
            return row;
        }).toList();
    }

    private static float[] each(TokenDistribution[] row, ToDoubleBiFunction<Integer, TokenDistribution> number) {
        float[] numbers = new float[row.length];
        for (int t = 0; t < row.length; t++) {
            numbers[t] = (float) number.applyAsDouble(t, row[t]);
        }
        return numbers;
    }

    private static void requireSameSize(List<?> prompts, List<?> others) {
        if (prompts.size() != others.size()) {
            throw new IllegalArgumentException(prompts.size() + " prompts and " + others.size() + " rows beside them; one each");
        }
    }

    @Override
    public List<Prompt> fit(List<Prompt> versions) {
        return form.fit(versions);
    }

    /** {@inheritDoc} Waits for calls of other threads that are under way. */
    @Override
    public void close() {
        session.close();
    }
}

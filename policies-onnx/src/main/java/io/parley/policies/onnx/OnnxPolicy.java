package io.parley.policies.onnx;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
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
     * @throws IOException if there is no such file, it is damaged, or not one that Parley exported, in this version's form; the
     *     message says which
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
        return load(OnnxFile.read(path), path, threads);
    }

    /** As {@link #load(Path, int)}, when what the file says is known. */
    static OnnxPolicy load(OnnxFile file, Path path, int threads) throws IOException {
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

    @Override
    public List<Response> sample(List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        requireSameSize(prompts, streams);
        return session.use(run -> form.sample(run, prompts, sampling, streams));
    }

    /** {@inheritDoc} The target of a divergence is a frozen policy with the same tokens and as many outputs, such as this one. */
    @Override
    public Scores score(List<Prompt> prompts, List<Response> responses, ScoreRequest request) {
        requireSameSize(prompts, responses);
        for (ScoreRequest.Divergence divergence : request.divergences()) {
            requireSameSize(prompts, divergence.targetPrompts());
            String allowed = ": it must be a frozen policy with the same tokens and as many outputs";
            if (!(divergence.target() instanceof OnnxPolicy target)) {
                throw new IllegalArgumentException("the target of a divergence is " + divergence.target() + allowed);
            }
            String objection = form.targetObjection(target.form);
            if (objection != null) {
                throw new IllegalArgumentException("the target of a divergence has " + objection + allowed);
            }
        }
        List<OnnxSession> sessions = new ArrayList<>(List.of(session));
        request.divergences().forEach(divergence -> sessions.add(((OnnxPolicy) divergence.target()).session));
        int rows = prompts.size();
        float[][] logProbs = new float[rows][];
        float[][] values = request.values() ? new float[rows][] : null;
        float[][] entropy = request.entropy() ? new float[rows][] : null;
        List<float[][]> divergences = request.divergences().stream().map(divergence -> new float[rows][]).toList();
        // One use, so that nothing closes between the parts.
        return OnnxSession.useAll(sessions, () -> {
            for (int from = 0; from < rows; from += form.rows()) {
                int to = Math.min(rows, from + form.rows());
                List<Response> spoken = responses.subList(from, to);
                List<Form.Spoken> here = speak(prompts.subList(from, to), spoken);
                List<TokenDistribution[]> distributions = distributions(here);
                for (int d = 0; d < divergences.size(); d++) {
                    ScoreRequest.Divergence divergence = request.divergences().get(d);
                    OnnxPolicy target = (OnnxPolicy) divergence.target();
                    List<TokenDistribution[]> there =
                            distributions(target.speak(divergence.targetPrompts().subList(from, to), spoken));
                    for (int i = from; i < to; i++) {
                        TokenDistribution[] others = there.get(i - from);
                        divergences.get(d)[i] = each(
                                distributions.get(i - from), (t, p) -> p.divergence(others[t], divergence.smoothing()));
                    }
                }
                for (int i = from; i < to; i++) {
                    Form.Spoken row = here.get(i - from);
                    TokenDistribution[] own = distributions.get(i - from);
                    logProbs[i] = each(own, (t, p) -> p.logProb(row.tokens()[t], request.smoothing()));
                    if (values != null) {
                        values[i] = row.values();
                    }
                    if (entropy != null) {
                        entropy[i] = each(own, (t, p) -> p.entropy());
                    }
                }
            }
            return new Scores(logProbs, values, entropy, divergences);
        });
    }

    private List<Form.Spoken> speak(List<Prompt> prompts, List<Response> responses) {
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

    @Override
    public List<ChatMessage> chat(Prompt prompt) {
        return form.chat(prompt);
    }

    /** {@inheritDoc} Waits for calls of other threads that are under way. */
    @Override
    public void close() {
        session.close();
    }
}

package io.parley.policies.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.parley.checkpoints.DecoderConfig;
import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.tokens.ContextWindow;
import io.parley.core.tokens.TokenCodec;
import io.parley.core.tokens.TokenSampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** Tokens of prompt and response, and keys and values that each step of the graph hands to the next. */
final class DecoderForm implements Form {
    /** Tokens of a run, filling included: bounds memory. */
    private static final int MAX_TOKENS = 16_384;
    /** Numbers of the distributions that are held at once. */
    private static final int MAX_LOGITS = 1 << 24;
    /** What is added to the logit of a token that is not allowed. */
    private static final float NEVER = -1e30f;

    private final DecoderConfig decoder;
    private final TokenCodec codec;
    private final ContextWindow window;
    private final int maxTokens;
    private final int maxLogits;
    private final Function<TextSpec, String> objection;
    /** Which tokens are allowed, by position; one row where all positions allow the same, null where all tokens are. */
    private final boolean[][] allowed;

    /**
     * A form of a decoder.
     *
     * @param context most tokens of a prompt and its response together
     * @param objection as {@link Form#objection}
     */
    DecoderForm(DecoderConfig decoder, int context, TokenCodec codec, Function<TextSpec, String> objection) {
        this(decoder, context, codec, objection, MAX_TOKENS, MAX_LOGITS);
    }

    /**
     * @param maxTokens of a run, filling included; a prompt that has more is a run all the same
     * @param maxLogits numbers of the distributions that are held at once; a response that has more is held all the same
     */
    DecoderForm(DecoderConfig decoder, int context, TokenCodec codec, Function<TextSpec, String> objection, int maxTokens,
            int maxLogits) {
        this.decoder = decoder;
        this.codec = codec;
        window = new ContextWindow(codec, context);
        this.maxTokens = maxTokens;
        this.maxLogits = maxLogits;
        this.objection = objection;
        allowed = codec.allowed();
    }

    @Override
    public String objection(TextSpec task) {
        return objection.apply(task);
    }

    @Override
    public String targetObjection(Form other) {
        if (!(other instanceof DecoderForm form && form.codec.sameAs(codec))) {
            return "other tokens";
        }
        // Pretrained models pad their embeddings, one tokenizer's to more than one size.
        return form.decoder.vocabulary() == decoder.vocabulary() ? null
                : form.decoder.vocabulary() + " outputs, and this policy " + decoder.vocabulary();
    }

    @Override
    public int rows() {
        return Math.max(1, maxLogits / codec.maxResponse() / decoder.vocabulary());
    }

    @Override
    public List<Prompt> fit(List<Prompt> versions) {
        return window.fit(versions);
    }

    @Override
    public List<ChatMessage> chat(Prompt prompt) {
        return codec.chat(prompt);
    }

    @Override
    public List<Response> sample(
            OnnxSession.Run run, List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        List<int[]> encoded = window.encode(prompts);
        TokenSampler sampler = new TokenSampler(sampling);
        List<Response> responses = new ArrayList<>(prompts.size());
        for (int from = 0; from < encoded.size(); ) {
            int to = end(encoded, from);
            sample(run, encoded.subList(from, to), sampling.values(), sampler, streams.subList(from, to), responses);
            from = to;
        }
        return responses;
    }

    private void sample(OnnxSession.Run run, List<int[]> prompts, boolean withValues, TokenSampler sampler,
            List<? extends RandomGenerator> streams, List<Response> responses) {
        int rows = prompts.size();
        int most = codec.maxResponse();
        int size = decoder.vocabulary();
        int[][] tokens = new int[rows][most];
        float[][] logProbs = new float[rows][most];
        float[][] values = new float[rows][most];
        int[] lengths = new int[rows];
        boolean[] ended = new boolean[rows];
        int running = rows;
        try (OnnxSession.Run part = run.part()) {
            Batch batch = new Batch(part, prompts, List.of(), 0);
            for (int t = 0; t < most && running > 0; t++) {
                float[] logits = batch.logits();
                float[] estimates = batch.values();
                long[] next = new long[rows];
                for (int i = 0; i < rows; i++) {
                    if (ended[i]) {
                        continue;
                    }
                    forbid(logits, i * size, t);
                    int token = sampler.draw(logits, i * size, size, streams.get(i).nextDouble());
                    next[i] = token;
                    tokens[i][t] = token;
                    logProbs[i][t] = (float) sampler.logProb();
                    values[i][t] = estimates[i];
                    lengths[i] = t + 1;
                    if (codec.ends(token)) {
                        ended[i] = true;
                        running--;
                    }
                }
                if (t + 1 < most && running > 0) {
                    batch.step(next);
                }
            }
        }
        for (int i = 0; i < rows; i++) {
            responses.add(codec.decode(Arrays.copyOf(tokens[i], lengths[i]), Arrays.copyOf(logProbs[i], lengths[i]),
                    withValues ? Arrays.copyOf(values[i], lengths[i]) : null));
        }
    }

    @Override
    public List<Spoken> speak(OnnxSession.Run run, List<Prompt> prompts, List<Response> responses) {
        List<int[]> encoded = window.encode(prompts);
        int size = decoder.vocabulary();
        List<Spoken> spoken = new ArrayList<>(prompts.size());
        for (int from = 0; from < encoded.size(); ) {
            int to = end(encoded, from);
            List<int[]> tokens = responses.subList(from, to).stream().map(codec::encode).toList();
            int columns = tokens.stream().mapToInt(row -> row.length).max().orElse(0);
            float[] logits;
            float[] values;
            try (OnnxSession.Run part = run.part()) {
                Batch batch = new Batch(part, encoded.subList(from, to), tokens, columns - 1);
                logits = batch.logits();
                values = batch.values();
            }
            for (int i = 0; i < tokens.size(); i++) {
                int length = tokens.get(i).length;
                float[][] own = new float[length][];
                for (int t = 0; t < length; t++) {
                    int at = (i * columns + t) * size;
                    forbid(logits, at, t);
                    own[t] = Arrays.copyOfRange(logits, at, at + size);
                }
                spoken.add(new Spoken(tokens.get(i), own, Arrays.copyOfRange(values, i * columns, i * columns + length)));
            }
            from = to;
        }
        return spoken;
    }

    private void forbid(float[] logits, int from, int position) {
        if (allowed == null) {
            return;
        }
        boolean[] here = allowed[allowed.length == 1 ? 0 : position];
        for (int id = 0; id < here.length; id++) {
            if (!here[id]) {
                logits[from + id] += NEVER;
            }
        }
    }

    /** The end of the run that begins at a row. Each of its rows has a distribution at once; scoring has fewer rows anyway. */
    int end(List<int[]> prompts, int from) {
        int width = 0;
        for (int to = from; to < prompts.size(); to++) {
            width = Math.max(width, prompts.get(to).length + codec.maxResponse());
            long rows = to + 1L - from;
            if (rows > 1 && (rows * width > maxTokens || rows * decoder.vocabulary() > maxLogits)) {
                return to;
            }
        }
        return prompts.size();
    }

    /** Rows that are given to the graph together, filled up on the left, and what it gave for them last. */
    private final class Batch {
        private final OnnxSession.Run run;
        private final int rows;
        private final int width;
        private final int[] lengths;
        /** Tokens that steps have added. */
        private int added;
        private NDList outputs;

        /**
         * @param responses tokens of which all but the last follow the prompt; empty for prompts alone
         * @param more tokens behind the prompts, at most; 0 for prompts alone
         */
        Batch(OnnxSession.Run run, List<int[]> prompts, List<int[]> responses, int more) {
            this.run = run;
            rows = prompts.size();
            width = prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0);
            lengths = prompts.stream().mapToInt(prompt -> prompt.length).toArray();
            int columns = width + more;
            long[] ids = new long[rows * columns];
            long[] positions = new long[rows * columns];
            for (int i = 0; i < rows; i++) {
                int begin = i * columns + width - lengths[i];
                for (int t = 0; t < lengths[i] + more; t++) {
                    positions[begin + t] = t;
                    ids[begin + t] = t < lengths[i] ? prompts.get(i)[t]
                            : t - lengths[i] < responses.get(i).length ? responses.get(i)[t - lengths[i]] : 0;
                }
            }
            NDList inputs = inputs(ids, positions, columns, columns, more + 1);
            for (int layer = 0; layer < decoder.layers(); layer++) {
                inputs.add(run.floats(past(layer, "key"), new float[0], rows, decoder.keyValueHeads(), 0, decoder.headSize()));
                inputs.add(run.floats(past(layer, "value"), new float[0], rows, decoder.keyValueHeads(), 0, decoder.headSize()));
            }
            outputs = run.outputs(inputs);
        }

        /** One more token a row. */
        void step(long[] tokens) {
            long[] positions = new long[rows];
            Arrays.setAll(positions, i -> lengths[i] + added);
            added++;
            NDList inputs = inputs(tokens, positions, 1, width + added, 1);
            for (int layer = 0; layer < decoder.layers(); layer++) {
                inputs.add(run.named(past(layer, "key"), outputs.get("present." + layer + ".key")));
                inputs.add(run.named(past(layer, "value"), outputs.get("present." + layer + ".value")));
            }
            NDList next = run.outputs(inputs);
            outputs.forEach(NDArray::close);
            outputs = next;
        }

        private NDList inputs(long[] ids, long[] positions, int fresh, int all, int keep) {
            long[] attention = new long[rows * all];
            for (int i = 0; i < rows; i++) {
                Arrays.fill(attention, i * all + width - lengths[i], (i + 1) * all, 1);
            }
            return new NDList(run.longs("input_ids", ids, rows, fresh), run.longs("attention_mask", attention, rows, all),
                    run.longs("position_ids", positions, rows, fresh), run.longs("num_logits_to_keep", new long[] {keep}, 1));
        }

        private static String past(int layer, String what) {
            return "past_key_values." + layer + "." + what;
        }

        /** [rows, kept, vocabulary]. */
        float[] logits() {
            return outputs.get("logits").toFloatArray();
        }

        /** [rows, kept]. */
        float[] values() {
            return outputs.get("values").toFloatArray();
        }
    }
}

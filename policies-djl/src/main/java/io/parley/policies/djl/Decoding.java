package io.parley.policies.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.parley.core.dialogue.Response;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.tokens.TokenCodec;
import io.parley.core.tokens.TokenSampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Responses to prompts that are sampled together: a token a step for each row, over the keys and values of what came before.
 * Rows that have ended are decoded on until they are enough to be dropped.
 */
final class Decoding {
    /**
     * Share of rows still running at which those that ended are dropped: copying keys and values takes a part of a step's time.
     */
    private static final double MOST_ENDED = 0.75;

    private final DecoderNetwork network;
    private final TorchScript script;
    private final TokenCodec codec;
    private final DecoderNetwork.Weights weights;
    private final SamplingConfig sampling;
    private final TokenSampler sampler;
    private final List<int[]> prompts;
    private final List<? extends RandomGenerator> streams;
    private final PackedRows packed;
    private final int max;

    private final int[][] tokens;
    private final float[][] logProbs;
    private final float[][] values;
    private final int[] lengths;
    private final boolean[] ended;
    private int running;
    /** The rows that are decoded, in the order of the arrays. */
    private int[] present;

    /**
     * @param prompts tokens of each row's prompt
     * @param packed the same prompts
     * @param streams one a row, of which a token takes one draw
     */
    Decoding(
            DecoderNetwork network, DecoderNetwork.Weights weights, SamplingConfig sampling, List<int[]> prompts,
            PackedRows packed, List<? extends RandomGenerator> streams) {
        this.network = network;
        script = network.script();
        codec = network.codec();
        this.weights = weights;
        this.sampling = sampling;
        sampler = new TokenSampler(sampling);
        this.prompts = prompts;
        this.streams = streams;
        this.packed = packed;
        max = codec.maxResponse();
        int rows = prompts.size();
        tokens = new int[rows][max];
        logProbs = new float[rows][max];
        values = new float[rows][max];
        lengths = new int[rows];
        Arrays.fill(lengths, max);
        ended = new boolean[rows];
        running = rows;
        present = IntStream.range(0, rows).toArray();
    }

    /**
     * @param scratch of arrays that live until all rows have ended
     * @param cache filled with the prefixes of {@code packed}
     */
    List<Response> responses(NDManager scratch, KeyValueCache cache) {
        List<NDArray> keys = cache.keys();
        List<NDArray> valuesCache = cache.values();
        NDArray positions = scratch.create((long) packed.prefixLength() + max);
        NDArray group = packed.group(scratch);
        // What holds the rows that are left, and is closed as soon as they are fewer.
        NDManager held = scratch.newSubManager();
        if (!group.isEmpty()) {
            keys = script.call(held, "rows", keys, group, positions);
            valuesCache = script.call(held, "rows", valuesCache, group, positions);
        }
        NDArray prefixLengths = packed.lengths(scratch, present);
        NDArray last = packed.lastTokens(scratch);
        for (int t = 0; t < max && running > 0; t++) {
            try (NDManager step = scratch.newSubManager()) {
                NDArray where = step.create(new long[] {packed.prefixLength(), t});
                NDArray hidden = script.call(step, "decode",
                        weights.trunk(), network.rotationTable(), last, where, prefixLengths, keys, valuesCache).head();
                long[] next = draw(step, t, hidden);
                if (running > 0 && MOST_ENDED * present.length >= running) {
                    if (sampling.values()) {
                        computed(step, keys);
                    }
                    int[] still = IntStream.range(0, present.length).filter(i -> !ended[present[i]]).toArray();
                    NDArray index = scratch.create(Arrays.stream(still).asLongStream().toArray());
                    NDManager fewer = scratch.newSubManager();
                    keys = script.call(fewer, "rows", keys, index, positions);
                    valuesCache = script.call(fewer, "rows", valuesCache, index, positions);
                    held.close();
                    held = fewer;
                    present = Arrays.stream(still).map(i -> present[i]).toArray();
                    prefixLengths = packed.lengths(scratch, present);
                    last = scratch.create(Arrays.stream(still).mapToLong(i -> next[i]).toArray());
                } else {
                    last = scratch.create(next);
                }
            }
        }
        // Who asks for values will score and learn from the responses.
        if (sampling.values()) {
            Arrays.fill(ended, true);
            computed(scratch, keys);
            int[] groups = IntStream.range(0, packed.groups()).toArray();
            network.computed(scratch, cache.keys(), groups, 0,
                    Arrays.stream(groups).mapToObj(g -> withoutLast(packed.member(g))).toList(), new int[groups.length]);
        }
        List<Response> responses = new ArrayList<>(prompts.size());
        for (int i = 0; i < prompts.size(); i++) {
            responses.add(codec.decode(
                    Arrays.copyOf(tokens[i], lengths[i]),
                    Arrays.copyOf(logProbs[i], lengths[i]),
                    sampling.values() ? Arrays.copyOf(values[i], lengths[i]) : null));
        }
        return responses;
    }

    /** Draws the token at a position for each row that is decoded, and notes it for those that have not ended. */
    private long[] draw(NDManager step, int t, NDArray hidden) {
        NDArray logits = script.call(step, "logits", hidden, weights.head(), network.allowedTokens().biasAt(step, t)).head();
        float[] estimates = sampling.values()
                ? script.call(step, "values", hidden, weights.valueWeight(), weights.valueBias()).head().toFloatArray()
                : null;
        double[] uniforms = new double[present.length];
        for (int i = 0; i < present.length; i++) {
            uniforms[i] = ended[present[i]] ? 0 : streams.get(present[i]).nextDouble();
        }
        float[] drawnLogProbs = new float[present.length];
        long[] next = draw(step, logits, uniforms, drawnLogProbs);
        for (int i = 0; i < present.length; i++) {
            int row = present[i];
            if (ended[row]) {
                continue;
            }
            int token = (int) next[i];
            tokens[row][t] = token;
            logProbs[row][t] = drawnLogProbs[i];
            if (estimates != null) {
                values[row][t] = estimates[i];
            }
            if (codec.ends(token)) {
                ended[row] = true;
                lengths[row] = t + 1;
                running--;
            }
        }
        return next;
    }

    /**
     * Draws a token a row, in the kernels where nothing is cut off: they answer as {@link TokenSampler} does.
     *
     * @param logits float32 [rows, outputs]
     * @param drawnLogProbs filled with the tokens' log-probabilities
     */
    private long[] draw(NDManager step, NDArray logits, double[] uniforms, float[] drawnLogProbs) {
        if (sampling.topK() == 0 && sampling.topP() == 1) {
            NDList drawn = script.call(step, "draw", logits, step.create(uniforms), step.create(sampling.temperature()));
            System.arraycopy(drawn.get(1).toFloatArray(), 0, drawnLogProbs, 0, drawnLogProbs.length);
            return drawn.get(0).toLongArray();
        }
        float[] all = logits.toFloatArray();
        int outputs = all.length / uniforms.length;
        long[] drawn = new long[uniforms.length];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = sampler.draw(all, i * outputs, outputs, uniforms[i]);
            drawnLogProbs[i] = (float) sampler.logProb();
        }
        return drawn;
    }

    /** Says what the arrays hold of those rows in them that have ended. */
    private void computed(NDManager scratch, List<NDArray> keys) {
        int[] places = IntStream.range(0, present.length).filter(i -> ended[present[i]]).toArray();
        List<int[]> ids = new ArrayList<>(places.length);
        int[] from = new int[places.length];
        for (int place : places) {
            int row = present[place];
            int[] prompt = prompts.get(row);
            int[] whole = Arrays.copyOf(prompt, prompt.length + lengths[row] - 1);
            System.arraycopy(tokens[row], 0, whole, prompt.length, lengths[row] - 1);
            from[ids.size()] = prompt.length - 1;
            ids.add(whole);
        }
        network.computed(scratch, keys, places, packed.prefixLength(), ids, from);
    }

    private static int[] withoutLast(int[] ids) {
        return Arrays.copyOf(ids, ids.length - 1);
    }
}

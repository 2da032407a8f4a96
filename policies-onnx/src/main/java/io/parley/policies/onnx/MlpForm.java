package io.parley.policies.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.tokens.ChoiceTokens;
import io.parley.core.tokens.DialogueFit;
import io.parley.core.tokens.FixedLayout;
import io.parley.core.tokens.TokenSampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** The words of a fixed-layout prompt, and one step of the graph for each position of the answer. */
final class MlpForm implements Form {
    /** Rows of a run. */
    private static final int BATCH = 1024;

    private final int batch;
    private final TextSpec text;
    private final FixedLayout layout;
    private final ChoiceTokens tokens;
    private final int state;

    MlpForm(MlpDescription description) {
        this(description, BATCH);
    }

    /** @param batch rows of a run, at most */
    MlpForm(MlpDescription description, int batch) {
        this.batch = batch;
        text = description.text().spec();
        layout = new FixedLayout(text);
        tokens = new ChoiceTokens((ResponseFormat.Choices) text.format());
        state = description.last();
    }

    @Override
    public String objection(TextSpec task) {
        String otherFormat = Form.otherFormat(task, text.format());
        if (otherFormat != null) {
            return otherFormat;
        }
        if (task.maxSystemWords() > text.maxSystemWords() || task.maxDialogueWords() > text.maxDialogueWords()) {
            return "it reads at most " + text.maxSystemWords() + " system words and " + text.maxDialogueWords()
                    + " dialogue words, the task's prompts have up to " + task.maxSystemWords()
                    + " and " + task.maxDialogueWords();
        }
        return Form.unknownWord(task, text.words());
    }

    @Override
    public String targetObjection(Form other) {
        return other instanceof MlpForm mlp && mlp.text.format().equals(text.format()) ? null : "other tokens";
    }

    @Override
    public int rows() {
        return batch;
    }

    @Override
    public List<Prompt> fit(List<Prompt> versions) {
        return DialogueFit.fit(versions, layout::fits, layout::limit);
    }

    @Override
    public List<Response> sample(
            OnnxSession.Run run, List<Prompt> prompts, SamplingConfig sampling, List<? extends RandomGenerator> streams) {
        TokenSampler sampler = new TokenSampler(sampling);
        List<Response> responses = new ArrayList<>(prompts.size());
        for (int from = 0; from < prompts.size(); from += batch) {
            int first = from;
            int rows = Math.min(batch, prompts.size() - from);
            int[][] choices = new int[rows][tokens.positions()];
            float[][] logProbs = new float[rows][tokens.positions()];
            float[][] values = new float[rows][tokens.positions()];
            run(run, prompts.subList(from, from + rows), choices, (t, logits, estimates) -> {
                for (int i = 0; i < rows; i++) {
                    double uniform = streams.get(first + i).nextDouble();
                    choices[i][t] = sampler.draw(logits, i * tokens.most(), tokens.allowed(t), uniform);
                    logProbs[i][t] = (float) sampler.logProb();
                    values[i][t] = estimates[i];
                }
            });
            for (int i = 0; i < rows; i++) {
                responses.add(tokens.response(choices[i], logProbs[i], sampling.values() ? values[i] : null));
            }
        }
        return responses;
    }

    @Override
    public List<Spoken> speak(OnnxSession.Run run, List<Prompt> prompts, List<Response> responses) {
        List<Spoken> spoken = new ArrayList<>(prompts.size());
        for (int from = 0; from < prompts.size(); from += batch) {
            int rows = Math.min(batch, prompts.size() - from);
            int[][] choices = new int[rows][];
            for (int i = 0; i < rows; i++) {
                choices[i] = tokens.choices(responses.get(from + i));
                spoken.add(new Spoken(choices[i], new float[tokens.positions()][], new float[tokens.positions()]));
            }
            List<Spoken> part = spoken.subList(from, from + rows);
            run(run, prompts.subList(from, from + rows), choices, (t, logits, estimates) -> {
                for (int i = 0; i < rows; i++) {
                    int at = i * tokens.most();
                    part.get(i).logits()[t] = Arrays.copyOfRange(logits, at, at + tokens.allowed(t));
                    part.get(i).values()[t] = estimates[i];
                }
            });
        }
        return spoken;
    }

    /** Takes the results of one position: logits [rows, most] and values [rows]. */
    private interface Position {
        void accept(int t, float[] logits, float[] values);
    }

    /** One step a position; the choice of a position is read after {@code each} was called for it. */
    private void run(OnnxSession.Run run, List<Prompt> prompts, int[][] choices, Position each) {
        int rows = prompts.size();
        int places = layout.places();
        long[] words = new long[rows * places];
        Arrays.fill(words, layout.words());
        for (int i = 0; i < rows; i++) {
            for (int feature : prompts.get(i).memo(this, layout::features)) {
                words[i * places + feature / layout.words()] = feature % layout.words();
            }
        }
        try (OnnxSession.Run part = run.part()) {
            NDArray wordsArray = part.longs("words", words, rows, places);
            NDArray stateArray = part.floats("state", new float[rows * state], rows, state);
            long[] previous = new long[rows];
            for (int t = 0; t < tokens.positions(); t++) {
                for (int i = 0; t > 0 && i < rows; i++) {
                    previous[i] = choices[i][t - 1];
                }
                NDList out = part.outputs(new NDList(wordsArray, stateArray,
                        part.longs("previous", previous, rows), part.longs("position", new long[] {t}, 1)));
                each.accept(t, out.get("logits").toFloatArray(), out.get("value").toFloatArray());
                stateArray = part.named("state", out.get("next_state"));
            }
        }
    }
}

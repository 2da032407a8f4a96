package io.parley.algorithms.bc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.ScoreArrays;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.policy.UpdateScope;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.Task;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.MessagesFile;
import io.parley.core.training.TrainingContext;
import io.parley.laboratory.SuggestionBandit;
import io.parley.laboratory.TabularPolicy;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BehaviourCloningTest {
    private static final PluginContext PLUGINS = PluginContext.standalone(1);
    private static final SuggestionBandit TASK = new SuggestionBandit(0.5, 1, 2);

    private static TrainingContext context(List<Counterfactual> counterfactuals, List<Map<String, Double>> curve,
            boolean cancelled) {
        return context(TASK, counterfactuals, curve, cancelled);
    }

    private static TrainingContext context(Task task, List<Counterfactual> counterfactuals, List<Map<String, Double>> curve,
            boolean cancelled) {
        return new TrainingContext(task, SuggestionBandit.partner(1, 0), (prompt, response, parts) -> 0, 1, counterfactuals,
                new RandomStreams(3), (n, m) -> curve.add(Map.copyOf(m)), () -> cancelled);
    }

    private static void train(String config, TrainingContext context, TrainablePolicy policy) {
        try {
            ObjectNode node = (ObjectNode) new ObjectMapper().readTree(config.replace('\'', '"'));
            PLUGINS.plugins().find(AlgorithmProvider.class, "bc").configured(new PluginSpec("bc", node), PLUGINS)
                    .train(context, policy);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static TabularPolicy table() {
        return new TabularPolicy((ResponseFormat.Choices) TASK.text().format(), TabularPolicy.Optimizer.ADAM);
    }

    /** The maximum-likelihood table is the frequency of each word after each beginning, and the loss is its entropy. */
    @Test
    void reachesTheFrequenciesOfTheDemonstrations() {
        List<Counterfactual> counterfactuals = List.of(SuggestionBandit.withoutSuggestions());
        List<Map<String, Double>> curve = new ArrayList<>();
        Map<String, int[]> counts = new HashMap<>();
        for (Demonstration d : TASK.demonstrations(new DemonstrationRequest(
                4000, 0.6, SuggestionBandit.partner(0.5, 0.1), counterfactuals, new RandomStreams(3)))) {
            String said = d.prompt().segments().get(1).text();
            String[] words = d.response().text().split(" ");
            counts.computeIfAbsent(said + "|", k -> new int[2])[words[0].equals("left") ? 0 : 1]++;
            counts.computeIfAbsent(said + "|" + words[0], k -> new int[2])[words[1].equals("left") ? 0 : 1]++;
        }
        double nll = 0;
        for (int[] n : counts.values()) {
            nll -= n[0] * Math.log((double) n[0] / (n[0] + n[1])) + n[1] * Math.log((double) n[1] / (n[0] + n[1]));
        }
        try (TabularPolicy policy = table()) {
            train("{'demonstrations': 4000, 'conformity': 0.6, 'partner': {'id': 'bandit-partner', 'reliability': "
                    + "0.5, 'silent': 0.1}, "
                    + "'learningRate': 0.02, 'epochs': 30, 'batchSize': 500}", context(counterfactuals, curve, false), policy);
            assertEquals(10, counts.keySet().stream().filter(k -> !k.endsWith("|")).count(), "suggestions and beginnings");
            counts.forEach((key, n) -> {
                String[] parts = key.split("\\|");
                Prompt prompt = SuggestionBandit.prompt(parts[0].split(" "));
                String[] beginning = parts.length == 1 ? new String[0] : new String[] {parts[1]};
                assertEquals((double) n[0] / (n[0] + n[1]), policy.probabilities(prompt, beginning)[0], 0.02, key);
                assertEquals(0, policy.value(prompt, beginning), "values are not trained");
            });
            assertEquals(30, curve.size());
            assertEquals(nll / (2 * 4000), curve.get(29).get("loss"), 0.002);
        }
    }

    /** Where the partner of the dialogues always speaks, only what is answered alone says anything about silence. */
    @Test
    void whatIsAnsweredAloneComesFirstAndOnce() {
        for (boolean alone : new boolean[] {false, true}) {
            List<Map<String, Double>> curve = new ArrayList<>();
            List<DemonstrationRequest> requests = new ArrayList<>();
            Task asked = override(Task.class, TASK, Map.of("demonstrations", args -> {
                requests.add((DemonstrationRequest) args[0]);
                return TASK.demonstrations((DemonstrationRequest) args[0]);
            }));
            try (TabularPolicy policy = table()) {
                train("{" + (alone ? "'aloneDemonstrations': 64, " : "") + "'demonstrations': 32, 'epochs': 2, 'batchSize': 32, "
                        + "'partner': {'id': 'bandit-partner', 'reliability': 1, 'silent': 0}}",
                        context(asked, List.of(), curve, false), policy);
                assertEquals(alone ? List.of(0.0, 1.0, 2.0) : List.of(1.0, 2.0),
                        curve.stream().map(metrics -> metrics.get("epoch")).toList());
                double[] untaught = new double[policy.logits(SuggestionBandit.prompt("none", "none")).length];
                assertEquals(alone, !Arrays.equals(untaught, policy.logits(SuggestionBandit.prompt("none", "none"))));
            }
            List<Boolean> solved = requests.stream().map(DemonstrationRequest::solved).sorted().toList();
            assertEquals(alone ? List.of(false, true) : List.of(false), solved);
            requests.stream().filter(DemonstrationRequest::solved)
                    .forEach(request -> assertEquals(List.of(64, 1), List.of(request.count(), request.rounds())));
        }
    }

    /** Two updates alone, then two passes of two. */
    @Test
    void theStepDecaysOverAllUpdates() {
        List<Double> steps = new ArrayList<>();
        try (TabularPolicy table = table()) {
            TrainablePolicy policy = override(TrainablePolicy.class, table, Map.of("beginUpdate", none -> {
                UpdateScope scope = table.beginUpdate();
                return override(UpdateScope.class, scope, Map.of("step", args -> {
                    steps.add((Double) args[0]);
                    return scope.step((Double) args[0]);
                }));
            }));
            train("{'aloneDemonstrations': 32, 'demonstrations': 32, 'epochs': 2, 'batchSize': 16, 'learningRate': 0.6, "
                    + "'lrSchedule': 'linear', 'partner': 'bandit-partner'}",
                    context(List.of(), new ArrayList<>(), false), policy);
        }
        assertArrayEquals(new double[] {0.6, 0.5, 0.4, 0.3, 0.2, 0.1}, steps.stream().mapToDouble(step -> step).toArray(), 1e-12);
    }

    @Test
    void theSameSeedGivesTheSameParameters() {
        double[][] logits = new double[2][];
        for (int run = 0; run < 2; run++) {
            try (TabularPolicy policy = table()) {
                train("{'demonstrations': 500, 'partner': 'bandit-partner'}",
                        context(List.of(), new ArrayList<>(), false), policy);
                logits[run] = policy.logits(SuggestionBandit.prompt("left", "right"));
            }
        }
        assertArrayEquals(logits[0], logits[1]);
        assertTrue(logits[0][0] != logits[0][1], "it learnt something");
    }

    /** A table in which what begins with "left" is one token long, and mini-batches are scored in given parts. */
    private static TrainablePolicy uneven(TabularPolicy table, List<int[]> parts) {
        return override(TrainablePolicy.class, table, Map.of(
                "microBatches", args -> parts,
                "responseLengths", args -> lengths(responses(args)),
                "beginUpdate", none -> {
                    UpdateScope scope = table.beginUpdate();
                    return override(UpdateScope.class, scope, Map.of("score", args -> {
                        ScoreArrays scores = scope.score(prompts(args), responses(args), (ScoreRequest) args[2]);
                        float[][] mask = Arrays.stream(lengths(responses(args)))
                                .mapToObj(length -> new float[] {1, length - 1}).toArray(float[][]::new);
                        return new ScoreArrays(scope.array(mask, 2), scores.logProbs(), null, null, List.of());
                    }));
                }));
    }

    @SuppressWarnings("unchecked")
    private static List<Prompt> prompts(Object[] args) {
        return (List<Prompt>) args[0];
    }

    @SuppressWarnings("unchecked")
    private static List<Response> responses(Object[] args) {
        return (List<Response>) args[1];
    }

    private static int[] lengths(List<Response> responses) {
        return responses.stream().mapToInt(response -> response.text().startsWith("left") ? 1 : 2).toArray();
    }

    private static <T> T override(Class<T> type, T object, Map<String, Function<Object[], Object>> methods) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) ->
                methods.containsKey(method.getName()) ? methods.get(method.getName()).apply(args) : method.invoke(object, args)));
    }

    /** One step on 10 pairs, at once and in parts whose share of the tokens is not their share of the rows. */
    @Test
    void partsOfAMiniBatchWeighAsTheirTokensDo() {
        List<int[]> whole = List.of(IntStream.range(0, 10).toArray());
        double[][] logits = new double[3][];
        double[] losses = new double[3];
        List<List<int[]>> splits = List.of(whole, whole,
                List.of(new int[] {0}, new int[] {1, 2, 3}, new int[] {4, 5, 6, 7, 8, 9}));
        for (int run = 0; run < 3; run++) {
            try (TabularPolicy table = new TabularPolicy((ResponseFormat.Choices) TASK.text().format(),
                    TabularPolicy.Optimizer.SGD)) {
                List<Map<String, Double>> curve = new ArrayList<>();
                train("{'demonstrations': 10, 'batchSize': 10, 'epochs': 1, 'learningRate': 1, 'partner': 'bandit-partner'}",
                        context(List.of(), curve, false), run == 0 ? table : uneven(table, splits.get(run)));
                logits[run] = Stream.of("left left", "left right", "right left", "right right").map(said -> said.split(" "))
                        .flatMapToDouble(said -> Arrays.stream(table.logits(SuggestionBandit.prompt(said)))).toArray();
                losses[run] = curve.get(0).get("loss");
            }
        }
        assertArrayEquals(logits[1], logits[2], 1e-6);
        assertEquals(losses[1], losses[2], 1e-6);
        assertFalse(Arrays.equals(logits[0], logits[1]), "the lengths matter");
    }

    @Test
    void stopsWhenCancelledAndRefusesWhatCannotBe() {
        try (TabularPolicy policy = table()) {
            assertThrows(CancellationException.class,
                    () -> train("{'partner': 'bandit-partner'}", context(List.of(), new ArrayList<>(), true), policy));
            assertEquals("partner.id", assertThrows(ConfigurationException.class,
                    () -> train("{'partner': 'nobody'}", context(List.of(), new ArrayList<>(), false), policy)).path());
            assertEquals("conformity is 1.5; a probability, from 0 to 1", assertThrows(ConfigurationException.class,
                    () -> train("{'conformity': 1.5}", context(List.of(), new ArrayList<>(), false), policy)).getMessage());
        }
    }

    /** The maximum-likelihood table of three dialogues that say left twice. */
    @Test
    void clonesTheDialoguesOfAFile(@TempDir Path folder) throws IOException {
        SuggestionBandit task = new SuggestionBandit(0.5, 1, 1);
        Path file = Files.writeString(folder.resolve("chats.jsonl"), chat("left") + chat("right") + chat("left"));
        List<Map<String, Double>> curve = new ArrayList<>();
        try (TabularPolicy policy = new TabularPolicy(
                (ResponseFormat.Choices) task.text().format(), TabularPolicy.Optimizer.ADAM)) {
            train("{'file': '" + file + "', 'epochs': 400, 'learningRate': 0.02}", context(List.of(), curve, false), policy);
            Prompt prompt = MessagesFile.read(file).get(0).demonstrations().get(0).prompt();
            assertEquals(2.0 / 3, policy.probabilities(prompt)[0], 1e-2);
            assertEquals(Math.log(3) - 2.0 / 3 * Math.log(2), curve.get(curve.size() - 1).get("loss"), 1e-3);
        }
    }

    private static String chat(String answer) {
        return "{\"messages\": [{\"role\": \"user\", \"content\": \"which arm?\"}, {\"role\": \"assistant\", \"content\": \""
                + answer + "\"}]}\n";
    }

    @Test
    void aLineThatThePolicyCannotSayIsNamed(@TempDir Path folder) throws IOException {
        SuggestionBandit task = new SuggestionBandit(0.5, 1, 1);
        Path file = Files.writeString(folder.resolve("chats.jsonl"), chat("left") + chat("middle"));
        try (TabularPolicy policy = new TabularPolicy(
                (ResponseFormat.Choices) task.text().format(), TabularPolicy.Optimizer.ADAM)) {
            ConfigurationException e = assertThrows(ConfigurationException.class, () -> train(
                    "{'file': '" + file + "'}", context(List.of(), new ArrayList<>(), false), policy));
            assertTrue(e.getMessage().startsWith("file: " + file + ", line 2: the policy cannot learn it: "), e.getMessage());
            assertTrue(e.getMessage().contains("middle"), e.getMessage());
        }
    }

    @Test
    void aFileIsKnownByWhatItHolds(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("chats.jsonl"), chat("left"));
        String written = new BehaviourCloningProvider.Config(
                null, null, null, null, file.toString(), null, null, null, null, null, null, null, null).sha256();
        Files.writeString(file, chat("right"));
        for (String[] refused : new String[][] {
            {"'file': '" + file + "', 'sha256': '" + written + "'", "expected " + written + ": it is another file now"},
            {"'file': '" + folder.resolve("none.jsonl") + "'", "file: there is no file " + folder.resolve("none.jsonl")},
            {"'file': '" + file + "', 'demonstrations': 8", "demonstrations: says how the task demonstrates, and file has"},
            {"'file': '" + file + "', 'partner': 'mixed'", "partner: says how the task demonstrates"},
            {"'file': '" + file + "', 'aloneDemonstrations': 8", "aloneDemonstrations: says how the task demonstrates"},
            {"'sha256': '" + written + "'", "name the file"}
        }) {
            ConfigurationException e = assertThrows(ConfigurationException.class, () -> train(
                    "{" + refused[0] + "}", context(List.of(), new ArrayList<>(), false), null));
            assertTrue(e.getMessage().contains(refused[1]), e.getMessage());
        }
        Files.writeString(file, "{}");
        ConfigurationException e = assertThrows(ConfigurationException.class, () -> train(
                "{'file': '" + file + "'}", context(List.of(), new ArrayList<>(), false), null));
        assertTrue(e.getMessage().startsWith("file: " + file + ", line 1: 'messages' is missing"), e.getMessage());
    }
}

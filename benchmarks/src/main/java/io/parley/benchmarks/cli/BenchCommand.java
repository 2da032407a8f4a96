package io.parley.benchmarks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.bench.FrozenRates;
import io.parley.benchmarks.bench.InvarianceCost;
import io.parley.benchmarks.bench.MatrixProduct;
import io.parley.benchmarks.bench.MemoryGrowth;
import io.parley.benchmarks.bench.PretrainedBench;
import io.parley.benchmarks.bench.SimulatorShare;
import io.parley.benchmarks.bench.TrainerBench;
import io.parley.benchmarks.bench.TrainingRates;
import io.parley.benchmarks.cells.Provenance;
import io.parley.benchmarks.experiment.InputException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Plugins;
import io.parley.core.random.RandomStreams;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Each measurement has a process of its own, started as workers are, so that none sees what another left behind. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures speed and memory of training on this machine. Nothing else should run meanwhile.")
final class BenchCommand implements Callable<Integer> {
    /** What is measured; each once a policy, but the product once and the simulator once a task. */
    enum Measurement { PRODUCT, SIMULATOR, RATES, ICR, MEMORY, FROZEN }

    private static final int MATRIX = 1024;
    /** Of {@link FrozenRates}, for each iteration. */
    private static final int CALLS = 25;
    /** Of {@link MemoryGrowth}: many small updates. */
    private static final int MEMORY_EPISODES = 16;

    private static final List<Goal> INVARIANCE = List.of(
            new Goal("reward", "reward", "at most 1.2"), new Goal("lossFull", "loss, full", "at most 1.5"),
            new Goal("lossK2", "loss, k2", "at most 1.5"), new Goal("swapped", "reward and swapped", ""));

    private record Goal(String key, String label, String bound) {}

    @Option(names = "--measure", split = ",", paramLabel = "NAME", defaultValue = "product,rates,icr,memory",
            description = "Any of product (a plain matrix product), simulator (rounds without a policy, and their share of a "
                    + "training), rates (of sampling and updates), icr (its cost beside ppo), memory (after many updates) and "
                    + "frozen (answers of an exported policy beside the trained one's). Default: ${DEFAULT-VALUE}.")
    private List<Measurement> measurements;

    @Option(names = "--policies", split = ",", paramLabel = "ID", defaultValue = "mlp,transformer",
            description = "Any of mlp and transformer. Default: ${DEFAULT-VALUE}.")
    private List<String> policies;

    @Option(names = "--work", split = ",", paramLabel = "NAME",
            description = "In place of rates, icr and memory: whole iterations on work that "
            + "other trainers can be given too. Any of ppo-main, ppo-small, dpo-main, dpo-small and dialogue, each with "
            + "-bfloat16 behind it or not; with --model any of score, decode, lora, lora-third, ppo and memory, each with "
            + "-float32 or -bfloat16 behind it, or left out for all.")
    private List<String> work = List.of();

    @Option(names = "--model", paramLabel = "DIR", description = "The work is that of the pretrained model in this folder.")
    private Path model;

    @Option(names = "--iterations", paramLabel = "N", defaultValue = "8",
            description = "Iterations that count, of which the median is taken. Default: ${DEFAULT-VALUE}.")
    private int iterations;

    @Option(names = "--episodes", paramLabel = "N",
            description = "Episodes of a rollout in rates and icr. Default: 512 for mlp, as experiments have, 128 for "
                    + "transformer.")
    private Integer episodes;

    @Option(names = "--updates", paramLabel = "N", defaultValue = "1000",
            description = "Updates in memory. Default: ${DEFAULT-VALUE}.")
    private int updates;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "1",
            description = "Threads of libtorch. Default: ${DEFAULT-VALUE}, as experiments have.")
    private int threads;

    @Option(names = "--default-malloc",
            description = "Leaves the allocator as the system has it; experiments set it (Linux only).")
    private boolean defaultMalloc;

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    @Option(names = "--one", hidden = true, paramLabel = "NAME", description = "Makes one measurement in this process.")
    private String one;

    @Spec
    private CommandSpec spec;

    private final Plugins plugins;
    private final ObjectMapper mapper = new ObjectMapper();

    @Inject
    BenchCommand(Plugins plugins) {
        this.plugins = plugins;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        check();
        PrintWriter out = spec.commandLine().getOut();
        if (one != null) {
            String[] part = one.split(":");
            out.println(measure(part[0], part.length > 1 ? part[1] : null));
            out.flush();
            return 0;
        }
        ObjectNode result = mapper.createObjectNode();
        ObjectNode machine = result.putObject("machine");
        Provenance.machine().forEach(machine::put);
        machine.put("threads", threads);
        machine.put("malloc", defaultMalloc || WorkerLauncher.environment().isEmpty() ? "default" : "as workers");
        PrintWriter err = spec.commandLine().getErr();
        if (!json) {
            heading(machine, out);
        }
        int code = ExitCode.OK;
        for (String part : parts()) {
            err.println("measuring " + part.replace(':', ' '));
            String kind = part.split(":")[0];
            try {
                JsonNode measured = inProcessOfItsOwn(part);
                result.withArray(kind).add(measured);
                if (!json) {
                    // At once, so that nothing is lost to what comes after.
                    rows(kind, measured, result.at("/product/0/gflops").asDouble(Double.NaN), out);
                    out.flush();
                }
            } catch (IOException e) {
                err.println("parley: " + e.getMessage());
                code = ExitCode.SOFTWARE;
            }
        }
        if (json) {
            out.println(result.toPrettyString());
        } else {
            remarks(result, out);
        }
        out.flush();
        return code;
    }

    private void check() {
        atLeastOne("--iterations", iterations);
        atLeastOne("--updates", updates);
        atLeastOne("--threads", threads);
        atLeastOne("--episodes", episodes == null ? 1 : episodes);
        for (String policy : policies) {
            if (!List.of("mlp", "transformer").contains(policy)) {
                throw new InputException("--policies " + policy + ": there are mlp and transformer");
            }
        }
        List<String> known = model == null ? TrainerBench.NAMES : PretrainedBench.NAMES;
        for (String name : work) {
            if (!known.contains(name)) {
                throw new InputException("--work " + name + ": there are " + String.join(", ", known)
                        + (model == null ? "; those of a pretrained model want --model" : ""));
            }
        }
        if (model != null && !Files.isRegularFile(model.resolve("config.json"))) {
            throw new InputException("--model " + model + ": there is no config.json; give the folder of a pretrained model");
        }
    }

    private static void atLeastOne(String option, int value) {
        if (value < 1) {
            throw new InputException(option + " is " + value + "; at least 1");
        }
    }

    private List<String> parts() {
        List<String> parts = new ArrayList<>();
        for (Measurement measurement : EnumSet.copyOf(measurements)) {
            String name = measurement.name().toLowerCase(Locale.ROOT);
            if (measurement == Measurement.PRODUCT) {
                parts.add(name);
            } else if (measurement == Measurement.SIMULATOR) {
                SimulatorShare.NAMES.forEach(task -> parts.add(name + ":" + task));
            } else if (measurement == Measurement.FROZEN || work.isEmpty() && model == null) {
                policies.forEach(policy -> parts.add(name + ":" + policy));
            }
        }
        List<String> whole = model != null && work.isEmpty() ? PretrainedBench.NAMES : work;
        whole.forEach(name -> parts.add((model == null ? "work:" : "pretrained:") + name));
        return parts;
    }

    private ObjectNode measure(String measurement, String subject) throws IOException {
        PluginContext context = PluginContext.of(new RandomStreams(1), plugins);
        int rollout = episodes != null ? episodes : "mlp".equals(subject) ? 512 : 128;
        return switch (measurement) {
            case "product" -> MatrixProduct.measure(MATRIX, 5 * iterations, context);
            case "simulator" -> SimulatorShare.measure(subject, iterations, context);
            case "rates" -> TrainingRates.measure(subject, rollout, iterations, context);
            case "icr" -> InvarianceCost.measure(subject, rollout, iterations, context);
            case "memory" -> MemoryGrowth.measure(subject, MEMORY_EPISODES, updates, context);
            case "frozen" -> FrozenRates.measure(subject, CALLS * iterations, context);
            case "pretrained" -> PretrainedBench.measure(subject, model, iterations, updates, context);
            case "work" -> TrainerBench.measure(subject, iterations, context);
            default -> throw new InputException("--one " + one + ": there is no such measurement");
        };
    }

    private JsonNode inProcessOfItsOwn(String part) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(WorkerLauncher.java("2g", threads));
        command.addAll(List.of("bench", "--one", part, "--iterations", String.valueOf(iterations),
                "--updates", String.valueOf(updates)));
        if (episodes != null) {
            command.addAll(List.of("--episodes", episodes.toString()));
        }
        if (model != null) {
            command.addAll(List.of("--model", model.toString()));
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        if (!defaultMalloc) {
            builder.environment().putAll(WorkerLauncher.environment());
        }
        Process process = builder.start();
        Thread stopper = new Thread(process::destroy, "stop bench");
        Runtime.getRuntime().addShutdownHook(stopper);
        String answer = new String(process.getInputStream().readAllBytes());
        int code = process.waitFor();
        Runtime.getRuntime().removeShutdownHook(stopper);
        if (code != 0) {
            throw new IOException("measuring " + part + " ended with exit code " + code + "; its messages are above");
        }
        return mapper.readTree(answer);
    }

    private static void heading(ObjectNode machine, PrintWriter out) {
        StringBuilder text = new StringBuilder();
        machine.properties().forEach(entry -> text.append(text.isEmpty() ? "" : ", ").append(entry.getKey())
                .append(' ').append(entry.getValue().asText()));
        out.println(text);
        row(out, "", "measured", "", "unit", "goal");
    }

    /** @param product of this machine, in GFLOP/s; NaN if it was not measured */
    private static void rows(String kind, JsonNode node, double product, PrintWriter out) {
        String subject = node.path(node.has("policy") ? "policy" : "name").asText();
        switch (kind) {
            case "product" ->
                row(out, "matrix", "product, " + node.get("size") + " x " + node.get("size"), product, "GFLOP/s", "");
            case "simulator" -> {
                row(out, subject, "simulator alone", node.get("roundsPerSecond").asDouble(), "rounds/s", "");
                row(out, subject, "its share of ppo with mlp", 100 * node.get("share").asDouble(), "%", "below 10");
            }
            case "rates" -> {
                row(out, subject, "rollout", node.get("rolloutResponsesPerSecond").asDouble(), "responses/s", "");
                row(out, subject, "update", node.get("updateTokensPerSecond").asDouble(), "tokens/s", "");
                operations(out, subject, node, product);
            }
            case "icr" -> {
                for (Goal goal : INVARIANCE) {
                    row(out, subject, "icr / ppo, " + goal.label(), node.at("/" + goal.key() + "/ratio").asDouble(), "",
                            goal.bound());
                }
            }
            case "frozen" -> node.get("sizes").forEach(size -> frozen(out, subject, size));
            case "work" -> {
                boolean pairs = node.has("pairsPerSecond");
                row(out, subject, "whole iterations", node.get(pairs ? "pairsPerSecond" : "responsesPerSecond").asDouble(),
                        pairs ? "pairs/s" : "responses/s", "");
                if (!pairs) {
                    row(out, subject, "rollout", node.get("rolloutResponsesPerSecond").asDouble(), "responses/s", "");
                    operations(out, subject, node, product);
                }
            }
            default -> {
                if (node.has("points")) {
                    memory(out, subject, node);
                } else if (node.has("tokensPerSecond")) {
                    row(out, subject, "tokens", node.get("tokensPerSecond").asDouble(), "tokens/s", "");
                } else {
                    row(out, subject, "whole iterations", node.get("responsesPerSecond").asDouble(), "responses/s", "");
                    row(out, subject, "rollout", node.get("rolloutResponsesPerSecond").asDouble(), "responses/s", "");
                }
            }
        }
    }

    private static void frozen(PrintWriter out, String policy, JsonNode size) {
        String prompts = ", " + size.get("prompts") + (size.get("prompts").asInt() == 1 ? " prompt" : " prompts");
        for (String engine : List.of("trained", "frozen")) {
            JsonNode figures = size.get(engine);
            row(out, policy, engine + prompts, figures.get("microseconds").asDouble(), "microseconds", "");
            row(out, policy, engine + prompts + ", processor", figures.get("cpuMicroseconds").asDouble(), "microseconds", "");
            row(out, policy, engine + prompts, figures.get("responsesPerSecond").asDouble(), "responses/s", "");
        }
        row(out, policy, "responses" + prompts, size.get("sameResponses").asBoolean() ? "the same" : "differ", "", "the same");
    }

    private static void remarks(ObjectNode result, PrintWriter out) {
        out.println("Operations of updates: 6 for each weight that multiplies and each token (mlp: each response); "
                + "skipped ones count.");
        double others = result.findValues("otherCores").stream().mapToDouble(JsonNode::asDouble).max().orElse(0);
        if (others > 0.1) {
            out.printf(Locale.ROOT, "Disturbed: other processes kept up to %.2f cores busy.%n", others);
        }
    }

    private static void memory(PrintWriter out, String subject, JsonNode node) {
        for (JsonNode point : node.get("points")) {
            String after = " after " + point.get("updates") + " updates";
            if (point.has("residentMiB")) {
                row(out, subject, "resident" + after, point.get("residentMiB").asDouble(), "MiB", "flat");
            }
            row(out, subject, "heap" + after, point.get("heapMiB").asDouble(), "MiB", "flat");
        }
    }

    private static void operations(PrintWriter out, String subject, JsonNode node, double product) {
        double rate = node.get("updateGflops").asDouble();
        row(out, subject, "update", rate, "GFLOP/s", "");
        if (!Double.isNaN(product)) {
            row(out, subject, "update, share of the product", 100 * rate / product, "%", "");
        }
    }

    private static void row(PrintWriter out, String subject, String measured, double figure, String unit, String goal) {
        String format = figure >= 100 ? "%,.0f" : figure >= 10 ? "%.1f" : "%.2f";
        row(out, subject, measured, String.format(Locale.ROOT, format, figure), unit, goal);
    }

    private static void row(PrintWriter out, String subject, String measured, String figure, String unit, String goal) {
        out.println(String.format(Locale.ROOT, "%-16s %-34s %12s  %-12s %s",
                subject, measured, figure, unit, goal).stripTrailing());
    }
}

package io.parley.benchmarks.cells;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.experiment.CellSpecification;
import io.parley.benchmarks.experiment.InputException;
import io.parley.benchmarks.experiment.LabelledPlugin;
import io.parley.benchmarks.results.Metrics;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Plugins;
import io.parley.core.plugin.Provider;
import io.parley.core.policy.Policy;
import io.parley.core.policy.PolicyFiles;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.TrainablePolicy;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.Preference;
import io.parley.core.training.PreferenceFile;
import io.parley.core.training.PreferenceSourceProvider;
import io.parley.core.training.RewardFunction;
import io.parley.core.training.RewardFunctionProvider;
import io.parley.core.training.TrainingContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;

/**
 * Runs one cell: trains a policy, judges it, and leaves its files. It knows nothing of runs, workers and processes, so
 * that a worker, a thread of an application or a cluster's executor can use it. In one JVM cells run one after the other,
 * because one native training may be open at a time.
 *
 * <p>The files: {@code policy/} (what was trained), {@code curve.jsonl} (a point of the learning curve a line:
 * {@code responses}, {@code metrics}), {@code metrics.json} ({@code metrics}, {@code counts}, {@code wallSeconds},
 * {@code cpuSeconds}, {@code tokens}), {@code episodes.jsonl.gz} (dialogues of the evaluation) and, last,
 * {@code manifest.json}.
 */
public final class CellRunner {
    /** Name of the input that holds the policy to begin with: a cell's folder. */
    public static final String START = "start";

    private static final ReentrantLock NATIVE = new ReentrantLock();

    private final Plugins plugins;
    private final Duration checkpointEvery;
    private final Consumer<String> notes;
    private final ObjectMapper mapper = Plugins.strictMapper();

    /**
     * Cells that are cut off begin anew.
     *
     * @param plugins where the specification's plugins are found
     */
    public CellRunner(Plugins plugins) {
        this(plugins, ChronoUnit.FOREVER.getDuration(), note -> {});
    }

    /**
     * Cells that are cut off go on from their last checkpoint, a hidden folder beside the cell's, if the same code finds it
     * there; they end as if they had not been cut off.
     *
     * @param plugins where the specification's plugins are found
     * @param checkpointEvery how old a checkpoint is when it is replaced; at once when zero
     * @param notes told when a cell goes on, and why when a checkpoint cannot be used or written
     */
    public CellRunner(Plugins plugins, Duration checkpointEvery, Consumer<String> notes) {
        this.plugins = plugins;
        this.checkpointEvery = checkpointEvery;
        this.notes = notes;
    }

    /**
     * Runs a cell unless its folder already holds it.
     *
     * @param specification a {@link CellSpecification}
     * @param inputs folders of the cells that it builds on, by name: {@link #START} if the specification names a start
     * @param folder where the files go; appears when they are whole
     * @param progress told what share of the work is done, from 0 to 1
     * @param cancelled asked now and then; when true, the run ends with a CancellationException and leaves at most a
     *     checkpoint
     * @throws ConfigurationException if the specification cannot be run
     * @throws InputException if the folder holds a cell that another version wrote in a form of its own
     * @throws IOException if an input is not what the specification names, or a file cannot be written; nothing is left
     */
    public Manifest run(
            JsonNode specification, Map<String, Path> inputs, Path folder, DoubleConsumer progress, BooleanSupplier cancelled)
            throws IOException {
        CellSpecification cell;
        try {
            cell = mapper.treeToValue(specification, CellSpecification.class);
        } catch (JsonProcessingException e) {
            throw Plugins.explain(e);
        }
        Manifest present = wholeOrNull(folder);
        if (present != null && present.specification().sameCell(cell)) {
            return present;
        }
        NATIVE.lock();
        try {
            return compute(cell, inputs, folder.toAbsolutePath(), progress, cancelled);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            NATIVE.unlock();
        }
    }

    /**
     * Writes the pairs that the algorithm of a finished cell learned from, as its policy's model was shown them. They are not
     * kept: a file of pairs is read again, and sampled ones are sampled again, from the same start with the same random numbers,
     * so that they are the same where the native library is set as in training.
     *
     * @param folder of the cell
     * @param base where the files of its policy lie, such as the folder of a pretrained model; null for where they lay then
     * @param file JSON Lines, as {@link PreferenceFile} writes them
     * @return number of pairs
     * @throws InputException if there is no whole cell, its algorithm learns from no pairs, the files of its policy are not
     *     there or are others, or its start is not where runs keep it
     */
    public int writePreferences(Path folder, Path base, Path file) throws IOException {
        CellSpecification cell = CellPolicy.specification(folder, base, plugins);
        RandomStreams streams = new RandomStreams(cell.seed());
        PluginContext context = PluginContext.of(streams.derive("plugins"), plugins);
        PluginSpec source = cell.algorithm() == null ? null : source(cell.algorithm());
        if (source == null) {
            throw new InputException(folder + ": " + (cell.algorithm() == null ? "nothing was trained there"
                    : "'" + cell.algorithm().id() + "' learns from no pairs") + "; name a cell of dpo or ipo");
        }
        // Before pairs are sampled, which takes its time.
        Files.createDirectories(file.toAbsolutePath().getParent());
        NATIVE.lock();
        try {
            Task task = CellPolicy.task(cell, context);
            List<Counterfactual> counterfactuals =
                    cell.counterfactuals().stream().map(spec -> counterfactual(spec, context)).toList();
            try (Policy policy = CellPolicy.create(cell, task, counterfactuals, context)) {
                if (cell.start() != null) {
                    load(cell, CellPolicy.start(cell, folder), policy);
                }
                TrainingContext training = new TrainingContext(task, partner(cell.trainPartner(), context),
                        reward(cell.reward(), context), cell.responses(), counterfactuals,
                        streams.derive(cell.start() == null ? "start" : "training"),
                        (responses, metrics) -> {}, () -> false);
                List<Preference> pairs = provider(PreferenceSourceProvider.class, source).configured(source, context)
                        .preferences(training, trainable(cell, policy)).pairs();
                PreferenceFile.write(file, pairs, policy::chat);
                return pairs.size();
            }
        } finally {
            NATIVE.unlock();
        }
    }

    /** Where an algorithm's pairs come from; null if it has none. */
    private PluginSpec source(PluginSpec algorithm) throws IOException {
        Record config = plugins.config(provider(AlgorithmProvider.class, algorithm), algorithm);
        JsonNode source = mapper.valueToTree(config).get("preferences");
        return source == null ? null : mapper.treeToValue(source, PluginSpec.class);
    }

    private static Manifest wholeOrNull(Path folder) {
        try {
            return CellFolder.read(folder);
        } catch (IOException e) {
            return null;
        }
    }

    private Manifest compute(
            CellSpecification cell, Map<String, Path> inputs, Path folder, DoubleConsumer progress, BooleanSupplier cancelled)
            throws IOException {
        Stopwatch spent = new Stopwatch();
        RandomStreams streams = new RandomStreams(cell.seed());
        PluginContext context = PluginContext.of(streams.derive("plugins"), plugins);
        Task task = CellPolicy.task(cell, context);
        InterventionAgent partner = partner(cell.trainPartner(), context);
        List<Counterfactual> counterfactuals = new ArrayList<>();
        for (PluginSpec spec : cell.counterfactuals()) {
            counterfactuals.add(counterfactual(spec, context));
        }
        Path work = CellFolder.partial(folder);
        try (Policy policy = CellPolicy.create(cell, task, counterfactuals, context)) {
            Map<String, String> inputHashes = new TreeMap<>();
            if (cell.start() != null) {
                inputHashes.put(START, load(cell, inputs.get(START), policy));
            }
            double training = cell.algorithm() == null ? 0 : cell.evaluation() == null ? 1 : 0.9;
            Training trained = Training.NONE;
            if (cell.algorithm() != null) {
                try (Curve curve = new Curve(work.resolve("curve.jsonl"), cell.responses(),
                        share -> progress.accept(training * share))) {
                    CellCheckpoint checkpoint =
                            new CellCheckpoint(folder, cell, inputHashes, curve, spent, plugins, checkpointEvery, notes);
                    if (!checkpoint.restoreTrained(trainable(cell, policy))) {
                        TrainingContext trainingContext = new TrainingContext(
                                task, partner, reward(cell.reward(), context), cell.responses(), counterfactuals,
                                streams.derive(cell.start() == null ? "start" : "training"),
                                curve, cancelled, checkpoint);
                        provider(AlgorithmProvider.class, cell.algorithm())
                                .configured(cell.algorithm(), context)
                                .train(trainingContext, trainable(cell, policy));
                        requireFinite(cell, policy, task, streams.derive("finite"));
                        checkpoint.keepTrained(trainable(cell, policy));
                    }
                    trained = new Training(curve.responses(), curve.last(), checkpoint.continued());
                }
                trainable(cell, policy).save(work.resolve("policy"));
            }
            if (cell.evaluation() != null) {
                Evaluator.Judgement judgement = evaluate(cell, task, policy, partner, context, streams, work,
                        share -> progress.accept(training + (1 - training) * share), cancelled);
                writeMetrics(work, cell, judgement, trained, task, spent);
            }
            Manifest manifest =
                    new Manifest(1, cell, cell.hash(), CellFolder.seal(work), inputHashes, provenance(cell, trained, spent));
            CellFolder.publish(work, folder, manifest);
            CellCheckpoint.delete(folder);
            return manifest;
        } finally {
            CellFolder.delete(work);
        }
    }

    /**
     * What is known of a training.
     *
     * @param responses sampled
     * @param metrics the last point of the curve
     * @param continued whether a checkpoint was taken up
     */
    private record Training(long responses, Map<String, Double> metrics, boolean continued) {
        static final Training NONE = new Training(0, Map.of(), false);
    }

    private static String load(CellSpecification cell, Path input, Policy policy) throws IOException {
        if (input == null) {
            throw new ConfigurationException("start", "the cell begins with the policy of cell " + cell.start()
                    + ", but no input is called '" + START + "'");
        }
        Manifest manifest = CellFolder.read(input);
        if (manifest == null) {
            throw new IOException(input + " is missing; it should hold cell " + cell.start());
        }
        if (!manifest.hash().equals(cell.start()) || manifest.specification().seed() != cell.seed()) {
            throw new IOException(input + " holds cell " + manifest.hash() + " of seed " + manifest.specification().seed()
                    + "; expected cell " + cell.start() + " of seed " + cell.seed());
        }
        trainable(cell, policy).load(input.resolve("policy"));
        return PolicyFiles.sha256(input.resolve(CellFolder.MANIFEST));
    }

    private static TrainablePolicy trainable(CellSpecification cell, Policy policy) {
        if (policy instanceof TrainablePolicy trainable) {
            return trainable;
        }
        throw new ConfigurationException(
                "policy", "'" + cell.policy().id() + "' cannot be trained; algorithms and starts need a policy that can");
    }

    /** A policy with parameters that are not finite numbers has no probabilities. */
    private void requireFinite(CellSpecification cell, Policy policy, Task task, RandomStreams streams) {
        List<Prompt> prompts = task.begin(new EpisodeRequest(Split.TRAIN, 0, 1, Evaluator.SILENCE, streams)).prompts();
        Response response = policy.sample(policy.fit(prompts), SamplingConfig.standard(),
                List.of(streams.stream("sample", 0, 1, 0))).get(0);
        for (float logProb : response.logProbs()) {
            if (!Float.isFinite(logProb)) {
                throw new PluginException("the policy that " + Plugins.name(AlgorithmProvider.class,
                        provider(AlgorithmProvider.class, cell.algorithm())) + " trained gives a log-probability of " + logProb
                        + ": its parameters are not finite numbers");
            }
        }
    }

    private Evaluator.Judgement evaluate(CellSpecification cell, Task task, Policy policy, InterventionAgent trainPartner,
            PluginContext context, RandomStreams streams, Path work, DoubleConsumer progress, BooleanSupplier cancelled)
            throws IOException {
        List<Evaluator.Opponent> opponents = new ArrayList<>();
        for (LabelledPlugin entry : cell.evaluation().partners()) {
            boolean pooled = provider(InterventionAgentProvider.class, entry.plugin()).pooled();
            opponents.add(new Evaluator.Opponent(entry.label(), pooled, partner(entry.plugin(), context)));
        }
        opponents.add(new Evaluator.Opponent(Metrics.TRAINING, false, trainPartner));
        List<PluginSpec> references = task.references(cell.trainPartner());
        try (Policy best = references.isEmpty()
                ? null
                : policy(references.get(references.size() - 1), task, context)) {
            return new Evaluator(task, cell.evaluation(), counterfactual(cell.evaluation().counterfactual(), context),
                            streams.derive("evaluation " + cell.evaluation().split()), progress, cancelled)
                    .judge(policy, best, opponents, work.resolve(CellDialogues.FILE));
        }
    }

    private Policy policy(PluginSpec spec, Task task, PluginContext context) {
        return provider(PolicyProvider.class, spec).configured(spec, task.text(), context);
    }

    private void writeMetrics(Path work, CellSpecification cell, Evaluator.Judgement judgement, Training training, Task task,
            Stopwatch spent) throws IOException {
        Map<String, Double> metrics = new TreeMap<>(judgement.metrics());
        task.optimum(cell.trainPartner()).ifPresent(optimum -> metrics.put(Metrics.OPTIMUM, optimum));
        Map<String, Long> counts = new TreeMap<>(judgement.counts());
        counts.put("responses", training.responses());
        for (String counted : List.of("updates", "pairs")) {
            if (training.metrics().containsKey(counted)) {
                counts.put(counted, Math.round(training.metrics().get(counted)));
            }
        }
        ObjectNode node = CellFolder.JSON.createObjectNode();
        node.put("schema", 1);
        node.set("metrics", CellFolder.JSON.valueToTree(metrics));
        node.set("counts", CellFolder.JSON.valueToTree(counts));
        node.put("wallSeconds", spent.wallSeconds());
        node.put("cpuSeconds", spent.cpuSeconds());
        node.put("tokens", tokens(training, task));
        Files.write(work.resolve("metrics.json"), CellFolder.JSON.writeValueAsBytes(node));
    }

    /** Response tokens sampled in training: counted by the algorithm, or known from the form of a response. */
    private static long tokens(Training training, Task task) {
        if (training.metrics().containsKey("tokens")) {
            return Math.round(training.metrics().get("tokens"));
        }
        return task.text().format() instanceof ResponseFormat.Choices choices
                ? training.responses() * choices.positions().size() : 0;
    }

    private Map<String, JsonNode> provenance(CellSpecification cell, Training training, Stopwatch spent) throws IOException {
        ObjectNode used = CellFolder.JSON.createObjectNode();
        put(used, TaskProvider.class, cell.task());
        put(used, PolicyProvider.class, cell.policy());
        if (cell.trainPartner() != null) {
            put(used, InterventionAgentProvider.class, cell.trainPartner());
        }
        cell.counterfactuals().forEach(spec -> put(used, CounterfactualProvider.class, spec));
        if (cell.algorithm() != null) {
            put(used, AlgorithmProvider.class, cell.algorithm());
        }
        if (cell.reward() != null) {
            put(used, RewardFunctionProvider.class, cell.reward());
        }
        ObjectNode node = CellFolder.JSON.createObjectNode();
        node.put("code", Provenance.code());
        node.set("plugins", used);
        node.set("pluginPath", CellFolder.JSON.valueToTree(Provenance.jars(plugins)));
        node.set("machine", Provenance.machineJson());
        node.put("started", spent.started().toString());
        node.put("finished", Instant.now().toString());
        node.put("wallSeconds", spent.wallSeconds());
        node.put("cpuSeconds", spent.cpuSeconds());
        node.put("responses", training.responses());
        node.put("continued", training.continued());
        Map<String, JsonNode> provenance = new TreeMap<>();
        node.fields().forEachRemaining(entry -> provenance.put(entry.getKey(), entry.getValue()));
        return provenance;
    }

    private <P extends Provider<?>> void put(ObjectNode used, Class<P> kind, PluginSpec spec) {
        used.put(kind.getSimpleName().replace("Provider", "") + " " + spec.id(),
                Provenance.plugin(plugins.find(kind, spec.id())));
    }

    private RewardFunction reward(PluginSpec spec, PluginContext context) {
        if (spec == null) {
            return (prompt, response, parts) -> 0;
        }
        return provider(RewardFunctionProvider.class, spec).configured(spec, context);
    }

    private InterventionAgent partner(PluginSpec spec, PluginContext context) {
        if (spec == null) {
            return Evaluator.SILENCE;
        }
        return provider(InterventionAgentProvider.class, spec).configured(spec, context);
    }

    private Counterfactual counterfactual(PluginSpec spec, PluginContext context) {
        return provider(CounterfactualProvider.class, spec).configured(spec, context);
    }

    private <P extends Provider<?>> P provider(Class<P> kind, PluginSpec spec) {
        return plugins.find(kind, spec.id());
    }
}

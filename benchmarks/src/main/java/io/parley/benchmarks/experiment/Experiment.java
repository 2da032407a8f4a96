package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.PluginSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What experiment.yaml says. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Experiment(
        @JsonPropertyDescription("Version of this format: 1.") Integer schema,
        @JsonPropertyDescription("Names the run and its folder.") String name,
        @JsonPropertyDescription("One run of everything for each seed; the seed is the unit of every interval, and 5 are needed "
                        + "for one.")
                List<Long> seeds,
        @JsonPropertyDescription("Worker processes: a whole number, or auto for one a processor core.") Workers workers,
        @JsonPropertyDescription("Minutes after which a cell that has not ended is stopped and fails, above 0; without it there "
                + "is no limit. A run may be continued with another.")
                Double cellMinutes,
        @JsonPropertyDescription("How far a cell is, is kept each time that this many minutes have passed, at least 0 (whenever "
                + "the algorithm can); a run that was cut off goes on from there. A run may be continued with another.")
                Double checkpointMinutes,
        @JsonPropertyDescription("The tasks. label names one in tables and paths; left out, its id. No two may be the same.")
                List<LabelledPlugin> tasks,
        @JsonPropertyDescription("The policy that is trained; without an id, mlp.") PluginSpec policy,
        @JsonPropertyDescription("The partner in training; without an id, mixed.") PluginSpec trainPartner,
        @JsonPropertyDescription("What a response earns in training; without an id, the weights of the task's reward parts.")
                PluginSpec reward,
        @JsonPropertyDescription("How the policy that every algorithm starts from is trained; without an id, by behaviour "
                        + "cloning.")
                PluginSpec start,
        @JsonPropertyDescription("What every algorithm may spend.") Budget budget,
        @JsonPropertyDescription("The algorithms. label names one in tables and paths; left out, its id. No two may be the "
                + "same. An entry may hold the sections policy, trainPartner, reward, start and budget too: for its own cells "
                + "their keys replace the experiment's.")
                List<AlgorithmEntry> algorithms,
        @JsonPropertyDescription("Policies that are judged as they are beside those that are trained. label names one; left "
                + "out, its id. No two may be the same. Such as {label: icr-frozen, id: onnx, path: icr.onnx}.")
                List<LabelledPlugin> frozen,
        @JsonPropertyDescription("Settings that vary: paths with lists of values stand for every combination; a list of such "
                + "mappings for the combinations of each. A path that starts with algorithms.<label> makes cells of that label "
                + "only. The settings of the start may vary, but not its id.")
                Grid grid,
        @JsonPropertyDescription("How trained policies are judged.") EvaluationSettings evaluation) {
    /** The plugins of sections that name none. */
    static final SortedMap<String, String> DEFAULT_IDS =
            new TreeMap<>(Map.of("policy", "mlp", "trainPartner", "mixed", "reward", "weighted", "start", "bc"));

    public Experiment {
        schema = schema == null ? 1 : schema;
        checkpointMinutes = checkpointMinutes == null ? 10 : checkpointMinutes;
        workers = workers == null ? Workers.AUTO : workers;
        budget = budget == null ? new Budget(null) : budget;
        evaluation = evaluation == null ? new EvaluationSettings(null, null, null, null, null) : evaluation;
        policy = policy == null ? PluginSpec.of(DEFAULT_IDS.get("policy")) : policy;
        trainPartner = trainPartner == null ? PluginSpec.of(DEFAULT_IDS.get("trainPartner")) : trainPartner;
        reward = reward == null ? PluginSpec.of(DEFAULT_IDS.get("reward")) : reward;
        start = start == null ? PluginSpec.of(DEFAULT_IDS.get("start")) : start;
        grid = grid == null ? new Grid(List.of(Map.of())) : grid;
        algorithms = algorithms == null ? List.of() : List.copyOf(algorithms);
        frozen = frozen == null ? List.of() : List.copyOf(frozen);
        if (schema != 1) {
            throw new IllegalArgumentException("schema is " + schema + "; this version reads 1");
        }
        if (name == null || !name.matches("[A-Za-z0-9][A-Za-z0-9_.-]*")) {
            throw new IllegalArgumentException("name is " + (name == null ? "missing" : "'" + name + "'")
                    + "; a text that starts with a letter or digit and holds letters, digits, '.', '-' and '_' only");
        }
        if (seeds == null || seeds.isEmpty()) {
            throw new IllegalArgumentException(
                    "seeds is " + (seeds == null ? "missing" : "empty") + "; at least one whole number, such as [1, 2, 3, 4, 5]");
        }
        seeds = List.copyOf(seeds);
        if (cellMinutes != null && !(cellMinutes > 0 && cellMinutes < 1e6)) {
            throw new IllegalArgumentException(
                    "cellMinutes is " + cellMinutes + "; above 0 and below 1000000, or left out for no limit");
        }
        if (!(checkpointMinutes >= 0 && checkpointMinutes < 1e6)) {
            throw new IllegalArgumentException("checkpointMinutes is " + checkpointMinutes + "; at least 0 and below 1000000");
        }
        if (new HashSet<>(seeds).size() != seeds.size()) {
            throw new IllegalArgumentException("seeds is " + seeds + "; no seed may occur twice");
        }
        if (tasks == null || tasks.isEmpty()) {
            throw new IllegalArgumentException(
                    "tasks is " + (tasks == null ? "missing" : "empty") + "; at least one, such as [{id: wason}]");
        }
        tasks = List.copyOf(tasks);
        Labels.unique("tasks", tasks, LabelledPlugin::label);
        Labels.unique("algorithms", algorithms, AlgorithmEntry::label);
        Labels.unique("frozen", frozen, LabelledPlugin::label);
    }
}

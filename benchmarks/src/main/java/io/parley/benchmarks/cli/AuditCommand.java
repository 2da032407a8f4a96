package io.parley.benchmarks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.benchmarks.experiment.ExperimentSource;
import io.parley.benchmarks.experiment.InputException;
import io.parley.benchmarks.experiment.Plan;
import io.parley.benchmarks.experiment.Planner;
import io.parley.benchmarks.experiment.PluginBinder;
import io.parley.benchmarks.report.Verdicts;
import io.parley.benchmarks.results.Results;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.Intervention;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Judges policies as they are: an experiment without algorithms whose rows are the scripted agents and these. What a folder
 * holds says which policy it is.
 */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Says of policies that are there already whether they ignore their partner, mimic it or integrate what it "
                + "says: judges them without training, each episode with its silent twin, beside scripted agents.")
final class AuditCommand implements Callable<Integer> {
    /** The fewest that give an interval. */
    private static final int SEEDS = 5;
    /** Demonstrations among which one of a single sentence is looked for. */
    private static final int EXAMPLES = 100;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Parameters(arity = "1..*", paramLabel = "[LABEL=]DIR", description = "What is judged, each in a row of its own: a finished "
            + "cell of a run or its policy/; a checkpoint as Hugging Face publishes it; an adapter for one; a file that export "
            + "wrote. LABEL names the row.")
    private List<String> subjects;

    @Option(names = "--base", paramLabel = "DIR", description = "The checkpoint that adapters are for, where they do not name a "
            + "folder, and that cells were trained on, where it lies elsewhere now.")
    private Path base;

    @Option(names = "--instructions", paramLabel = "TEXT", description = "Words that begin the system message of every prompt "
            + "to a checkpoint, with or without adapter, such as 'Answer in one sentence, such as: I think that we turn cards "
            + "one and two.' Default: those that an exported folder was trained with (parley.json); for any other an example "
            + "of the task's grammar. '' for none.")
    private String instructions;

    @Option(names = "--task", paramLabel = "TASK", description = "What they are judged on: wason, weights, or a mapping such as "
            + "'{id: wason, regime: record, press: full}'. Default: the task that they were trained for; for checkpoints "
            + "that never were, wason in words, in short records and in dialogues of 5 rounds.")
    private String task;

    @Option(names = "--episodes", paramLabel = "N", defaultValue = "200",
            description = "Episodes with each partner, dealt out to "
            + SEEDS + " seeds (--set seeds=[…] for others) and rounded up. Default: ${DEFAULT-VALUE}.")
    private int episodes;

    @Option(names = "--set", paramLabel = "path=value", description = "Changes one setting of the experiment that judges, such "
            + "as evaluation.partners=[helpful,misleading], trainPartner.helpful=0.5 or workers=1. May be repeated.")
    private List<String> settings = List.of();

    @Option(names = "--out", paramLabel = "DIR", description = "Folder of the run; default: runs/audit, or runs/audit-2 and so "
            + "on when it is taken.")
    private Path out;

    @Option(names = "--resume", description = "Continues the audit in --out, or the last one, from the cells that are finished.")
    private boolean resume;

    @Option(names = "--worker-memory", paramLabel = "SIZE", defaultValue = "2g",
            description = "Heap of each worker process, as Java takes it. Default: ${DEFAULT-VALUE}.")
    private String workerMemory;

    @Option(names = "--json", description = "Verdicts and their numbers as JSON in place of the table.")
    private boolean json;

    @Mixin
    private PluginPath pluginPath;

    @Spec
    private CommandSpec spec;

    private final Planner planner;
    private final PluginBinder binder;

    @Inject
    AuditCommand(Planner planner, PluginBinder binder) {
        this.planner = planner;
        this.binder = binder;
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (episodes < 1) {
            throw new InputException("--episodes is " + episodes + "; at least 1");
        }
        if (out != null && out.toString().isBlank()) {
            throw new InputException("--out is empty; name a folder");
        }
        List<AuditSubject> judged = new ArrayList<>();
        for (String subject : subjects) {
            judged.add(AuditSubject.of(subject, base, instructions, binder));
        }
        if (base != null && judged.stream().noneMatch(subject -> subject.uses(base))) {
            throw new InputException("--base " + base
                    + ": nothing here is an adapter, or a cell that was trained on a checkpoint");
        }
        if (instructions != null && judged.stream().noneMatch(subject -> subject.policy().id().equals(AuditSubject.PRETRAINED))) {
            throw new InputException("--instructions: nothing here is a checkpoint; cells and exported files have those that "
                    + "they were trained with");
        }
        ExperimentSource source = new ExperimentSource("audit", experiment(judged));
        // Dealt out to the seeds that there are once --set has changed them; --set evaluation.episodes are those of each seed.
        int seeds = Math.max(1, source.with(settings).tree().path("seeds").size());
        ((ObjectNode) source.tree().get("evaluation")).put("episodes", (episodes + seeds - 1) / seeds);
        Plan plan = planner.plan(source.with(settings));
        if (!plan.experiment().algorithms().isEmpty()) {
            throw new InputException("--set algorithms: an audit trains nothing; run does");
        }
        if (plan.experiment().frozen().isEmpty()) {
            throw new InputException("--set frozen: there is nothing to judge without it");
        }
        Path path = out != null ? out : ExperimentRun.folder(plan.experiment().name(), resume);
        ExperimentRun.Outcome outcome = new ExperimentRun(plan, path, resume, workerMemory, pluginPath.arguments())
                .carryOut(binder.context().plugins(), spec.commandLine().getErr());
        outcome.results().ifPresent(results -> print(path, results, spec.commandLine().getOut()));
        return outcome.exitCode();
    }

    private void print(Path path, Results results, PrintWriter to) {
        if (json) {
            to.println(JSON.valueToTree(Verdicts.of(results)).toPrettyString());
            to.flush();
        } else {
            RunReport.print(path, results, to);
        }
    }

    private ObjectNode experiment(List<AuditSubject> judged) {
        ObjectNode tree = JSON.createObjectNode();
        tree.put("schema", 1).put("name", "audit");
        ArrayNode seeds = tree.putArray("seeds");
        for (int seed = 1; seed <= SEEDS; seed++) {
            seeds.add(seed);
        }
        ArrayNode tasks = tasks(judged);
        tree.set("tasks", tasks);
        Set<PluginSpec> partners = new LinkedHashSet<>();
        judged.stream().filter(subject -> subject.trained() != null && subject.trained().trainPartner() != null)
                .forEach(subject -> partners.add(subject.trained().trainPartner()));
        if (partners.size() == 1) {
            tree.set("trainPartner", partners.iterator().next().toJson());
        }
        tree.putArray("algorithms");
        ArrayNode frozen = tree.putArray("frozen");
        Set<String> labels = new HashSet<>();
        for (AuditSubject subject : judged) {
            String label = subject.label();
            for (int i = 2; !labels.add(label); i++) {
                label = subject.label() + "-" + i;
            }
            ObjectNode row = frozen.addObject().put("label", label);
            row.setAll(subject.policy().toJson());
            if (subject.policy().id().equals(AuditSubject.PRETRAINED) && !row.has("instructions")) {
                example(tasks.get(0)).ifPresent(example ->
                        row.put("instructions", "You decide with others, and answer in one sentence, such as: " + example));
            }
        }
        tree.putObject("evaluation");
        return tree;
    }

    /** How an answer reads, a demonstrator's first one of one sentence; none where answers are no sentences. */
    private Optional<String> example(JsonNode task) {
        ObjectNode unlabelled = task.deepCopy();
        unlabelled.remove("label");
        PluginSpec spec = PluginSpec.fromJson(unlabelled);
        PluginContext context = binder.context();
        Task words;
        try {
            words = context.plugins().find(TaskProvider.class, spec.id()).configured(spec, context);
        } catch (ConfigurationException e) {
            return Optional.empty(); // the planner says why
        }
        if (!(words.text().format() instanceof ResponseFormat.FreeText)) {
            return Optional.empty();
        }
        DemonstrationRequest request = new DemonstrationRequest(EXAMPLES, 0, (view, streams) -> Intervention.SILENCE, List.of(),
                new RandomStreams(1), false, 1);
        return words.demonstrations(request).stream().map(demonstration -> demonstration.response().text())
                .filter(text -> text.matches("[^.?!]+\\.")).findFirst();
    }

    private ArrayNode tasks(List<AuditSubject> judged) {
        ArrayNode tasks = JSON.createArrayNode();
        PluginSpec asked = task == null ? null : PlayCommand.spec("--task", task);
        Set<PluginSpec> own = new LinkedHashSet<>();
        judged.stream().filter(subject -> subject.trained() != null).forEach(subject -> own.add(subject.trained().task()));
        if (asked == null && own.size() > 1) {
            throw new InputException("they were trained for " + own.size() + " different tasks; name one that all can do with "
                    + "--task, or audit them apart");
        }
        if (asked == null && !own.isEmpty()) {
            tasks.add(own.iterator().next().toJson());
        } else if ((asked == null || asked.config().isEmpty())
                && judged.stream().allMatch(subject -> inWords(subject.policy(), id(asked)))) {
            // Records tell ignoring from mimicry; of whole dialogues there are figures of people.
            String id = id(asked);
            tasks.add(words(id).toJson().put("label", id + "-record"));
            tasks.addObject().put("label", id).put("id", id).put("regime", "single").put("press", "full").put("rounds", 5);
        } else {
            tasks.add((asked == null ? PluginSpec.of(id(asked)) : asked).toJson());
        }
        return tasks;
    }

    private static String id(PluginSpec asked) {
        return asked == null ? "wason" : asked.id();
    }

    private static PluginSpec words(String task) {
        return PluginSpec.of(task, Map.of("regime", "record", "press", "full"));
    }

    /** Whether a policy can do a task in words alone. */
    private boolean inWords(PluginSpec policy, String task) {
        return !serves(policy, PluginSpec.of(task)) && serves(policy, words(task));
    }

    /** Whether a policy can do a task; why not is for the planner to say. */
    @SuppressWarnings("unchecked")
    private boolean serves(PluginSpec policy, PluginSpec task) {
        PluginContext context = binder.context();
        try {
            TextSpec text = context.plugins().find(TaskProvider.class, task.id()).configured(task, context).text();
            return binder.make(PolicyProvider.class, policy, (provider, config, own) -> {
                ((PolicyProvider<Record>) provider).check(config, text, own);
                return true;
            });
        } catch (ConfigurationException e) {
            return false;
        }
    }
}

package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Plugins;
import io.parley.core.plugin.Provider;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.CounterfactualProvider;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.RewardFunctionProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Turns an experiment into cells. Everything that can be refused is refused here, before anything runs: every plugin's
 * configuration is read at every grid point, and every plugin is made once, but for the policies: they take native memory, and
 * say without being made whether they can serve the tasks.
 */
public final class Planner {
    private final PluginBinder plugins;

    /** @param plugins where the experiment's plugins are found */
    public Planner(PluginBinder plugins) {
        this.plugins = plugins;
    }

    /** @throws InputException if the experiment cannot be run as it is written */
    public Plan plan(ExperimentSource source) {
        try {
            ObjectNode tree = longForms(source.tree());
            Experiment experiment = bind(tree);
            ObjectNode resolved = resolve(experiment);
            List<Point> points = points(tree, experiment);
            return new Expansion(points).plan(source.tree(), resolved, experiment);
        } catch (ConfigurationException e) {
            throw new InputException(source.name() + ": " + e.getMessage(), e);
        }
    }

    /** One combination of the grid, as an experiment of its own. */
    private record Point(Map<String, JsonNode> combination, Experiment experiment) {
        /** Labels that its paths name; empty when it is for all. */
        List<String> labels() {
            return combination.keySet().stream().filter(Planner::isLabelled).map(Planner::labelOf).distinct().toList();
        }

        /** The part of the combination that a row shows: shared paths and those of its own label. */
        Map<String, JsonNode> of(String label) {
            Map<String, JsonNode> own = new LinkedHashMap<>();
            combination.forEach((path, value) -> {
                if (!isLabelled(path) || labelOf(path).equals(label)) {
                    own.put(path, value);
                }
            });
            return own;
        }
    }

    /** A policy that has been found to serve a task. */
    private record Service(PluginSpec policy, PluginSpec task, List<PluginSpec> counterfactuals) {}

    private static boolean isLabelled(String path) {
        return path.startsWith("algorithms.");
    }

    private static String labelOf(String path) {
        return path.split("\\.")[1];
    }

    private List<Point> points(ObjectNode tree, Experiment experiment) {
        List<Point> points = new ArrayList<>();
        Set<Service> served = new HashSet<>();
        for (Map<String, JsonNode> written : experiment.grid().combinations()) {
            ObjectNode changed = tree.deepCopy();
            changed.remove("grid");
            Map<String, JsonNode> combination = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> setting : written.entrySet()) {
                String path = byLabel(experiment, setting.getKey());
                if (!path.matches("(tasks|policy|trainPartner|reward|start|budget|algorithms)(\\..*)?")) {
                    throw new ConfigurationException("grid." + path,
                            "only tasks, policy, trainPartner, reward, start, budget and algorithms can vary over a grid");
                }
                combination.put(path, setting.getValue());
                try {
                    Settings.set(changed, path, setting.getValue().deepCopy());
                } catch (ConfigurationException e) {
                    throw e.at("grid");
                }
            }
            try {
                Experiment varied = bind(longForms(changed));
                for (String path : combination.keySet()) {
                    if (isLabelled(path) && varied.algorithms().stream().noneMatch(own -> own.label().equals(labelOf(path)))) {
                        throw new ConfigurationException("", path + " is replaced by what has another label; give it the label "
                                + labelOf(path));
                    }
                }
                if (!varied.start().id().equals(experiment.start().id())) {
                    throw new ConfigurationException("start", "'" + varied.start().id() + "' is another plugin than the "
                            + "experiment's own '" + experiment.start().id() + "', whose row every algorithm is compared with; a "
                            + "grid may vary a start's settings, such as start.demonstrations, and the start of one algorithm, "
                            + "as algorithms.<label>.start; otherwise write two experiments");
                }
                check(varied, served);
                points.add(new Point(combination, varied));
            } catch (ConfigurationException e) {
                throw combination.isEmpty() ? e
                        : new ConfigurationException("", "grid, at " + combination + ": " + e.getMessage(), e);
            }
        }
        return points;
    }

    /** {@code algorithms.0.lambda} in the form {@code algorithms.icr.lambda}, so that a path has one name. */
    private static String byLabel(Experiment experiment, String path) {
        String[] steps = path.split("\\.");
        if (steps.length > 1 && steps[1].matches("\\d{1,9}")) {
            int index = Integer.parseInt(steps[1]);
            if (steps[0].equals("algorithms") && index < experiment.algorithms().size()) {
                steps[1] = experiment.algorithms().get(index).label();
            }
            if (steps[0].equals("tasks") && index < experiment.tasks().size()) {
                steps[1] = experiment.tasks().get(index).label();
            }
        }
        return String.join(".", steps);
    }

    private static ObjectNode longForms(ObjectNode written) {
        ObjectNode tree = written.deepCopy();
        Experiment.DEFAULT_IDS.forEach((section, id) -> defaultId(tree, section, id));
        return tree;
    }

    private static void defaultId(ObjectNode tree, String section, String id) {
        if (tree.get(section) instanceof ObjectNode mapping && !mapping.has("id")) {
            ObjectNode withId = tree.objectNode().put("id", id);
            withId.setAll(mapping);
            tree.set(section, withId);
        }
    }

    private Experiment bind(ObjectNode tree) {
        try {
            return plugins.context().mapper().treeToValue(tree, Experiment.class);
        } catch (JsonProcessingException e) {
            throw PluginBinder.suggest(Plugins.explain(e));
        }
    }

    private <P extends Provider<?>> PluginSpec canonical(Class<P> kind, PluginSpec spec, String path) {
        try {
            return plugins.canonical(kind, spec);
        } catch (ConfigurationException e) {
            throw e.at(path);
        }
    }

    private <P extends Provider<?>, T> T make(
            Class<P> kind, PluginSpec spec, String path, PluginBinder.Maker<P, Record, T> maker) {
        try {
            return plugins.make(kind, spec, maker);
        } catch (ConfigurationException e) {
            throw PluginBinder.suggest(e).at(path);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(path, e.getMessage(), e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <P extends Provider<Record>> P typed(Provider<?> provider) {
        return (P) provider;
    }

    /** Makes everything once, so that what is wrong is said now. */
    private void check(Experiment experiment, Set<Service> served) {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < experiment.tasks().size(); i++) {
            String path = "tasks[" + i + "]";
            Task task = task(experiment.tasks().get(i).plugin(), path);
            try {
                TaskProbe.check(task);
            } catch (ConfigurationException e) {
                throw e.at(path);
            }
            tasks.add(task);
        }
        checkSections(experiment.policy(), experiment.trainPartner(), experiment.reward(), experiment.start(), tasks, "");
        for (int i = 0; i < experiment.evaluation().partners().size(); i++) {
            partner(experiment.evaluation().partners().get(i).plugin(), tasks, "evaluation.partners[" + i + "]");
        }
        counterfactual(experiment.evaluation().counterfactual(), "evaluation.counterfactual");
        for (int i = 0; i < experiment.frozen().size(); i++) {
            serves(experiment.frozen().get(i).plugin(), experiment, List.of(experiment.evaluation().counterfactual()), served,
                    "frozen[" + i + "]");
        }
        List<PluginSpec> counterfactuals = new ArrayList<>(List.of(experiment.evaluation().counterfactual()));
        for (int i = 0; i < experiment.algorithms().size(); i++) {
            AlgorithmEntry entry = experiment.algorithms().get(i);
            String path = "algorithms[" + i + "]";
            algorithm(entry.plugin(), path);
            Sections own = sections(experiment, entry, path);
            checkSections(own.policy(), own.trainPartner(), own.reward(), own.start(), tasks, path + ".");
            for (PluginSpec used : declared(entry.plugin(), path)) {
                counterfactual(used, path);
                counterfactuals.add(used);
            }
        }
        if (!experiment.algorithms().isEmpty()) {
            serves(experiment.policy(), experiment, counterfactuals, served, "policy");
        }
        for (int i = 0; i < experiment.algorithms().size(); i++) {
            String path = "algorithms[" + i + "]";
            PluginSpec own = sections(experiment, experiment.algorithms().get(i), path).policy();
            serves(own, experiment, counterfactuals, served, path + ".policy");
        }
    }

    private void checkSections(
            PluginSpec policy, PluginSpec partner, PluginSpec reward, PluginSpec start, List<Task> tasks, String prefix) {
        canonical(PolicyProvider.class, policy, prefix + "policy");
        partner(partner, tasks, prefix + "trainPartner");
        make(RewardFunctionProvider.class, reward, prefix + "reward",
                (provider, config, context) -> Planner.<RewardFunctionProvider<Record>>typed(provider).create(config, context));
        algorithm(start, prefix + "start");
    }

    private Task task(PluginSpec spec, String path) {
        return make(TaskProvider.class, spec, path,
                (provider, config, context) -> Planner.<TaskProvider<Record>>typed(provider).create(config, context));
    }

    private void serves(
            PluginSpec policy, Experiment experiment, List<PluginSpec> counterfactuals, Set<Service> served, String path) {
        for (LabelledPlugin task : experiment.tasks()) {
            if (!served.add(new Service(policy, task.plugin(), counterfactuals))) {
                continue;
            }
            TextSpec text = task(task.plugin(), "tasks").text().withNotices(
                    counterfactuals.stream().map(spec -> counterfactual(spec, path).notice()).toList());
            make(PolicyProvider.class, policy, path, (provider, config, context) -> {
                Planner.<PolicyProvider<Record>>typed(provider).check(config, text, context);
                return policy;
            });
        }
    }

    private void partner(PluginSpec spec, List<Task> tasks, String path) {
        InterventionAgent partner = make(InterventionAgentProvider.class, spec, path,
                (provider, config, context) ->
                        Planner.<InterventionAgentProvider<Record>>typed(provider).create(config, context));
        for (Task task : tasks) {
            try {
                TaskProbe.meet(task, partner);
            } catch (ConfigurationException e) {
                throw e.at(path);
            }
        }
    }

    private Counterfactual counterfactual(PluginSpec spec, String path) {
        return make(CounterfactualProvider.class, spec, path,
                (provider, config, context) -> Planner.<CounterfactualProvider<Record>>typed(provider).create(config, context));
    }

    private void algorithm(PluginSpec spec, String path) {
        make(AlgorithmProvider.class, spec, path,
                (provider, config, context) -> Planner.<AlgorithmProvider<Record>>typed(provider).create(config, context));
    }

    private List<PluginSpec> declared(PluginSpec algorithm, String path) {
        return make(AlgorithmProvider.class, algorithm, path, (provider, config, context) ->
                Planner.<AlgorithmProvider<Record>>typed(provider).counterfactuals(config, context));
    }

    /** The sections of an experiment as one algorithm sees them. */
    private record Sections(PluginSpec policy, PluginSpec trainPartner, PluginSpec reward, PluginSpec start, Budget budget) {}

    private Sections sections(Experiment experiment, AlgorithmEntry entry, String path) {
        return new Sections(
                section(experiment.policy(), entry, "policy", path),
                section(experiment.trainPartner(), entry, "trainPartner", path),
                section(experiment.reward(), entry, "reward", path),
                section(experiment.start(), entry, "start", path),
                budget(experiment.budget(), entry, path));
    }

    private PluginSpec section(PluginSpec shared, AlgorithmEntry entry, String name, String path) {
        if (!entry.overrides().has(name)) {
            return shared;
        }
        try {
            return PluginSpec.fromJson(AlgorithmEntry.override(shared.toJson(), entry.overrides().get(name)));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(path + "." + name, e.getMessage(), e);
        }
    }

    private Budget budget(Budget shared, AlgorithmEntry entry, String path) {
        if (!entry.overrides().has("budget")) {
            return shared;
        }
        try {
            JsonNode base = plugins.context().mapper().valueToTree(shared);
            return plugins.context().mapper().treeToValue(
                    AlgorithmEntry.override(base, entry.overrides().get("budget")), Budget.class);
        } catch (JsonProcessingException e) {
            throw PluginBinder.suggest(Plugins.explain(e)).at(path + ".budget");
        }
    }

    /** The experiment with every default written out. */
    private ObjectNode resolve(Experiment experiment) {
        List<LabelledPlugin> tasks = new ArrayList<>();
        for (int i = 0; i < experiment.tasks().size(); i++) {
            LabelledPlugin task = experiment.tasks().get(i);
            tasks.add(new LabelledPlugin(task.label(), canonical(TaskProvider.class, task.plugin(), "tasks[" + i + "]")));
        }
        List<AlgorithmEntry> algorithms = new ArrayList<>();
        for (int i = 0; i < experiment.algorithms().size(); i++) {
            AlgorithmEntry entry = experiment.algorithms().get(i);
            algorithms.add(new AlgorithmEntry(
                    entry.label(), canonical(AlgorithmProvider.class, entry.plugin(), "algorithms[" + i + "]"),
                    entry.overrides()));
        }
        List<LabelledPlugin> frozen = new ArrayList<>();
        for (int i = 0; i < experiment.frozen().size(); i++) {
            LabelledPlugin entry = experiment.frozen().get(i);
            frozen.add(new LabelledPlugin(entry.label(), canonical(PolicyProvider.class, entry.plugin(), "frozen[" + i + "]")));
        }
        return plugins.context().mapper().valueToTree(new Experiment(
                experiment.schema(),
                experiment.name(),
                experiment.seeds(),
                experiment.workers(),
                experiment.cellMinutes(),
                experiment.checkpointMinutes(),
                tasks,
                canonical(PolicyProvider.class, experiment.policy(), "policy"),
                canonical(InterventionAgentProvider.class, experiment.trainPartner(), "trainPartner"),
                canonical(RewardFunctionProvider.class, experiment.reward(), "reward"),
                canonical(AlgorithmProvider.class, experiment.start(), "start"),
                experiment.budget(),
                algorithms,
                frozen,
                experiment.grid(),
                canonical(experiment.evaluation())));
    }

    private EvaluationSettings canonical(EvaluationSettings evaluation) {
        List<LabelledPlugin> partners = new ArrayList<>();
        for (int i = 0; i < evaluation.partners().size(); i++) {
            LabelledPlugin partner = evaluation.partners().get(i);
            partners.add(new LabelledPlugin(partner.label(),
                    canonical(InterventionAgentProvider.class, partner.plugin(), "evaluation.partners[" + i + "]")));
        }
        return new EvaluationSettings(
                evaluation.split(),
                evaluation.episodes(),
                partners,
                canonical(CounterfactualProvider.class, evaluation.counterfactual(), "evaluation.counterfactual"),
                evaluation.dialogues());
    }

    /** Collects rows and cells. */
    private final class Expansion {
        private final List<Point> points;
        private final List<PluginSpec> counterfactuals;
        private final Map<String, Plan.Row> rows = new LinkedHashMap<>();
        private final Map<String, Plan.Cell> starts = new LinkedHashMap<>();
        private final Map<String, Plan.Cell> cells = new LinkedHashMap<>();

        Expansion(List<Point> points) {
            this.points = points;
            this.counterfactuals = counterfactuals();
        }

        /** What the algorithms of every grid point use, so that all starts have met the same states. */
        private List<PluginSpec> counterfactuals() {
            Map<String, PluginSpec> all = new TreeMap<>();
            for (Point point : points) {
                Experiment experiment = point.experiment();
                for (int i = 0; i < experiment.algorithms().size(); i++) {
                    for (PluginSpec used : declared(experiment.algorithms().get(i).plugin(), "algorithms[" + i + "]")) {
                        add(all, used, "algorithms[" + i + "]");
                    }
                }
                if (!experiment.algorithms().isEmpty()) {
                    add(all, experiment.evaluation().counterfactual(), "evaluation.counterfactual");
                }
            }
            return List.copyOf(all.values());
        }

        private void add(Map<String, PluginSpec> all, PluginSpec used, String path) {
            PluginSpec full = canonical(CounterfactualProvider.class, used, path);
            all.put(full.toJson().toString(), full);
        }

        Plan plan(ObjectNode written, ObjectNode resolved, Experiment experiment) {
            for (long seed : experiment.seeds()) {
                for (Point point : points) {
                    for (LabelledPlugin task : point.experiment().tasks()) {
                        rows(point, task, seed);
                    }
                }
            }
            List<Plan.Cell> ordered = new ArrayList<>(starts.values());
            ordered.addAll(cells.values());
            return new Plan(written, resolved, experiment, List.copyOf(rows.values()), ordered);
        }

        private void rows(Point point, LabelledPlugin entry, long seed) {
            Experiment experiment = point.experiment();
            PluginSpec task = canonical(TaskProvider.class, entry.plugin(), "tasks");
            EvaluationSettings evaluation = canonical(experiment.evaluation());
            PluginSpec trainPartner = canonical(InterventionAgentProvider.class, experiment.trainPartner(), "trainPartner");
            Task made = task(entry.plugin(), "tasks");
            double judging = 0.3 * evaluation.episodes() * made.rounds() * (evaluation.partners().size() + 2);
            List<String> only = point.labels();

            if (only.isEmpty()) {
                for (PluginSpec written : made.references(trainPartner)) {
                    PluginSpec reference = canonical(PolicyProvider.class, written, "tasks");
                    addRow(point, entry, reference.id(), Plan.Role.REFERENCE, judging / 3, null, new CellSpecification(
                            1, seed, task, reference, trainPartner, List.of(), null, null, null, null, evaluation));
                }
                if (!experiment.algorithms().isEmpty()) {
                    PluginSpec policy = canonical(PolicyProvider.class, experiment.policy(), "policy");
                    Plan.Cell start = start(entry, task, policy, experiment.start(), experiment.budget(), seed);
                    addRow(point, entry, experiment.start().id(), Plan.Role.START, judging, start, new CellSpecification(
                            1, seed, task, policy, trainPartner, counterfactuals, start.specification().hash(),
                            null, null, null, evaluation));
                }
            }
            for (int i = 0; i < experiment.algorithms().size(); i++) {
                AlgorithmEntry algorithm = experiment.algorithms().get(i);
                if (!only.isEmpty() && !only.contains(algorithm.label())) {
                    continue;
                }
                String path = "algorithms[" + i + "]";
                Sections own = sections(experiment, algorithm, path);
                PluginSpec policy = canonical(PolicyProvider.class, own.policy(), path + ".policy");
                PluginSpec partner = canonical(InterventionAgentProvider.class, own.trainPartner(), path + ".trainPartner");
                PluginSpec reward = canonical(RewardFunctionProvider.class, own.reward(), path + ".reward");
                Plan.Cell start = start(entry, task, policy, own.start(), own.budget(), seed);
                addRow(point, entry, algorithm.label(), Plan.Role.ALGORITHM, own.budget().responses() + judging, start,
                        new CellSpecification(1, seed, task, policy, partner, counterfactuals, start.specification().hash(),
                                canonical(AlgorithmProvider.class, algorithm.plugin(), path), reward,
                                own.budget().responses(), evaluation));
            }
            for (int i = 0; i < experiment.frozen().size() && only.isEmpty(); i++) {
                LabelledPlugin policy = experiment.frozen().get(i);
                addRow(point, entry, policy.label(), Plan.Role.FROZEN, judging, null, new CellSpecification(
                        1, seed, task, canonical(PolicyProvider.class, policy.plugin(), "frozen[" + i + "]"), trainPartner,
                        List.of(evaluation.counterfactual()), null, null, null, null, evaluation));
            }
        }

        private Plan.Cell start(
                LabelledPlugin entry, PluginSpec task, PluginSpec policy, PluginSpec start, Budget budget, long seed) {
            CellSpecification specification = new CellSpecification(1, seed, task, policy, null, counterfactuals, null,
                    canonical(AlgorithmProvider.class, start, "start"), null, 0L, null);
            String folder = Plan.startFolder(specification.hash(), seed);
            return starts.computeIfAbsent(folder, f -> new Plan.Cell(f, "start, task " + entry.label() + ", seed " + seed,
                    specification, null, 0.25 * budget.responses()));
        }

        private void addRow(Point point, LabelledPlugin task, String label, Plan.Role role, double weight, Plan.Cell start,
                CellSpecification specification) {
            Map<String, JsonNode> grid = point.of(label);
            String content = specification.hash() + "/" + specification.seed();
            Plan.Cell cell = cells.computeIfAbsent(content, c -> new Plan.Cell("cells/" + label + "/" + c,
                    label + ", task " + task.label() + (grid.isEmpty() ? "" : ", grid " + grid)
                            + ", seed " + specification.seed(),
                    specification, start == null ? null : start.folder(), weight));
            Plan.Row row = new Plan.Row(task.label(), label, role, grid, specification.seed(), cell.folder());
            Plan.Row twin = rows.putIfAbsent(task.label() + "/" + label + "/" + specification.seed() + "/" + grid, row);
            if (twin != null && twin.role() != role) {
                String path = role == Plan.Role.FROZEN ? "frozen" : "algorithms";
                throw new ConfigurationException(path, "the label '" + label + "' also names a row of its own ("
                        + twin.role().name().toLowerCase(Locale.ROOT) + "); choose another");
            }
        }
    }
}

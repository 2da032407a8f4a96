package io.parley.benchmarks.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Plugins;
import io.parley.core.random.RandomStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PlannerTest {
    private static final String WALK = """
            name: walk
            seeds: [1]
            tasks: [{id: wason}]
            policy: test-uniform
            start: {id: test-walk}
            budget: {responses: 200}
            algorithms: [{label: near, id: test-walk}, {label: far, id: test-walk, rate: 0.3}]
            """;

    @TempDir
    private Path folder;

    private final Planner planner = new Planner(new PluginBinder(
            PluginContext.of(new RandomStreams(0), new Plugins(PlannerTest.class.getClassLoader()))));

    private Plan plan(String... settings) throws IOException {
        return planner.plan(ExperimentSource.file(Files.writeString(folder.resolve("e.yaml"), WALK)).with(List.of(settings)));
    }

    private static Map<String, Long> rowsByLabel(Plan plan) {
        return plan.rows().stream().collect(Collectors.groupingBy(Plan.Row::algorithm, Collectors.counting()));
    }

    static Stream<String> presets() {
        return ExperimentSource.PRESETS.stream().filter(preset -> !preset.equals(ExperimentSource.LABORATORY));
    }

    @ParameterizedTest
    @MethodSource("presets")
    void presetsCanBePlanned(String preset) {
        List<String> model = preset.startsWith("lm")
                ? List.of("policy.path=../checkpoints/src/test/models/lm-smoke", "policy.layers=2") : List.of();
        Plan plan = planner.plan(ExperimentSource.preset(preset).with(model));
        assertTrue(plan.rows().size() > plan.experiment().algorithms().size() * plan.experiment().seeds().size());
    }

    @Test
    void theResolvedExperimentIsTheSameExperiment() throws IOException {
        Plan plan = plan("grid=[{trainPartner.helpful: [0.1, 0.9]}, {algorithms.far.rate: [0.5]}]",
                "algorithms.near.reward={group: 1}");
        Path resolved = Files.writeString(folder.resolve("resolved.yaml"), ExperimentSource.yaml(plan.resolved()));
        assertEquals(plan.cells(), planner.plan(ExperimentSource.file(resolved)).cells());
    }

    @Test
    void aGridIsTheUnionOfItsMappingsProducts() throws IOException {
        // Product: 2 × 2 points for every row; the start does not depend on budget or partner, and is trained once.
        Plan product = plan("grid={trainPartner.helpful: [0.1, 0.9], budget.responses: [100, 200]}");
        assertEquals(Map.of("copy-always", 4L, "evidence-only", 4L, "record-optimal", 4L, "test-walk", 4L, "near", 4L, "far", 4L),
                rowsByLabel(product));
        assertEquals(1, product.cells().stream().filter(cell -> cell.folder().startsWith("cells/start/")).count());
        // Rows that ask for the same thing share a cell: copy-always knows no budget.
        assertEquals(2, product.rows().stream().filter(row -> row.algorithm().equals("copy-always"))
                .map(Plan.Row::cell).distinct()
                .count());

        // A path with a label makes cells of that label only, by index too.
        Plan union = plan("grid=[{}, {algorithms.1.rate: [0.5, 0.6]}]");
        assertEquals(Map.of("copy-always", 1L, "evidence-only", 1L, "record-optimal", 1L, "test-walk", 1L, "near", 1L, "far", 3L),
                rowsByLabel(union));
        assertEquals(2, union.rows().stream().filter(row -> row.grid().containsKey("algorithms.far.rate")).count());

        // A whole entry too, as long as it keeps its label.
        Plan whole = plan("grid={algorithms.1: [{id: test-walk, label: far, rate: 0.5}, {id: test-walk, label: far, rate: 0.6}]}");
        assertEquals(Map.of("far", 2L), rowsByLabel(whole));
        String problem = assertThrows(InputException.class, () -> plan("grid={algorithms.far: [{id: test-walk, label: else}]}"))
                .getMessage();
        assertTrue(problem.contains("give it the label far"), problem);
    }

    /** Every algorithm is set beside one start; with two of them, one's row would pass for an algorithm. */
    @Test
    void aGridCannotExchangeTheStart() throws IOException {
        assertEquals(2, rowsByLabel(plan("grid={start.rate: [0.1, 0.9]}")).get("test-walk"));
        for (String grid : List.of("{start: [test-walk, bc]}", "{start.id: [bc]}")) {
            String problem = assertThrows(InputException.class, () -> plan("grid=" + grid)).getMessage();
            assertTrue(problem.contains("'bc' is another plugin than the experiment's own 'test-walk'"), problem);
        }
    }

    @Test
    void overridesReachTheirOwnCellsOnly() throws IOException {
        Plan plan = plan("algorithms.near.start.rate=0.9", "algorithms.near.trainPartner=helpful",
                "algorithms.near.reward={group: 1}");
        CellSpecification near = specification(plan, "near");
        CellSpecification far = specification(plan, "far");
        assertEquals("helpful", near.trainPartner().id());
        assertEquals("mixed", far.trainPartner().id());
        assertEquals(1.0, near.reward().config().get("group").asDouble());
        assertEquals(1.0, near.reward().config().get("own").asDouble());
        assertEquals(0.0, far.reward().config().get("group").asDouble());
        assertNotEquals(near.start(), far.start());
    }

    /** One start for all: it has met what any of them uses, and knows nothing of what tells them apart. */
    @Test
    void algorithmsShareAStartThatHasMetTheirCounterfactuals() throws IOException {
        Plan plan = plan("algorithms.far.counterfactual=prefix", "evaluation.counterfactual=swap");
        CellSpecification near = specification(plan, "near");
        assertEquals(near.start(), specification(plan, "far").start());
        assertEquals(List.of("prefix", "swap"), near.counterfactuals().stream().map(spec -> spec.id()).toList());
        assertEquals(near.counterfactuals(), plan.cells().get(0).specification().counterfactuals());
        assertNotEquals(near.start(), specification(plan(), "near").start());
    }

    @Test
    void aHashDependsOnContentNotOnFormOrSeed() throws IOException {
        String hash = specification(plan(), "near").hash();
        assertEquals(hash,
                specification(plan("seeds=[7]", "algorithms.near.rate=0.1", "trainPartner={helpful: 0.8}"), "near").hash());
        assertNotEquals(hash, specification(plan("algorithms.near.rate=0.11"), "near").hash());
        // Read again, it is the same.
        ObjectMapper json = new ObjectMapper();
        CellSpecification read = json.readValue(json.writeValueAsString(specification(plan(), "near")), CellSpecification.class);
        assertEquals(hash, read.hash());
    }

    /** A run that is continued must not mix cells of two groups of people because their file kept its name. */
    @Test
    void aFileOfPeopleCountsByWhatIsInIt() throws IOException {
        String people = """
                {"pace": {"record": %s, "single": 1},
                 "personalities": [{"name": "all", "share": 1, "conviction": 0, "sources": {"own": 1}}]}
                """;
        Path file = Files.writeString(folder.resolve("people.json"), people.formatted("1"));
        Plan plan = plan("tasks.0.people=" + file);
        Path resolved = Files.writeString(folder.resolve("resolved.yaml"), ExperimentSource.yaml(plan.resolved()));
        assertEquals(plan.cells(), planner.plan(ExperimentSource.file(resolved)).cells());

        Files.writeString(file, people.formatted("0.5"));
        assertNotEquals(specification(plan, "near").hash(), specification(plan("tasks.0.people=" + file), "near").hash());
        String problem = assertThrows(InputException.class, () -> planner.plan(ExperimentSource.file(resolved))).getMessage();
        assertTrue(problem.contains("people: " + file + " has sha256 ") && problem.endsWith(": it is another file now"), problem);
    }

    private static CellSpecification specification(Plan plan, String label) {
        return plan.cells().stream().filter(cell -> cell.folder().startsWith("cells/" + label + "/")).findFirst().orElseThrow()
                .specification();
    }
}

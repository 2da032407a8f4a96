package io.parley.benchmarks.cells;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.benchmarks.experiment.CellSpecification;
import io.parley.benchmarks.experiment.ExperimentSource;
import io.parley.benchmarks.experiment.InputException;
import io.parley.benchmarks.experiment.Plan;
import io.parley.benchmarks.experiment.Planner;
import io.parley.benchmarks.experiment.PluginBinder;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.Plugins;
import io.parley.core.random.RandomStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunFolderTest {
    private static final String EXPERIMENT = """
            name: again
            seeds: [1]
            tasks: [wason]
            policy: {id: transformer, hidden: 64}
            budget: {responses: 8}
            algorithms: [{label: small, id: dpo}, {label: large, id: dpo}, icr]
            """;
    private static final String LARGE = "algorithms.large.policy={hidden: 128}";

    @TempDir
    private Path folder;

    private final Planner planner = new Planner(new PluginBinder(
            PluginContext.of(new RandomStreams(0), new Plugins(RunFolderTest.class.getClassLoader()))));

    private Plan plan(String... settings) throws IOException {
        Path file = Files.writeString(folder.resolve("e.yaml"), EXPERIMENT);
        return planner.plan(ExperimentSource.file(file).with(List.of(settings)));
    }

    private Plan planAgain(Path run, String... settings) {
        return planner.plan(RunFolder.source(run).with(List.of(settings)));
    }

    private static String refused(Path run, Plan plan) {
        return assertThrows(InputException.class, () -> RunFolder.open(run, plan, true)).getMessage();
    }

    /** With every default written out, none follows what the grid or an algorithm changes. */
    @ParameterizedTest
    @ValueSource(strings = {"workers=1", "grid={policy.hidden: [64, 128]}", LARGE, "grid={tasks.wason.rounds: [2, 4]}",
        "grid={tasks.wason.regime: [record, single]}", "grid={algorithms.icr.place: [reward, loss]}"})
    void aRunGoesOnAsItWasWritten(String setting) throws IOException {
        Path run = folder.resolve("run");
        Plan plan = plan(setting);
        RunFolder.open(run, plan, false).close();
        Plan again = planAgain(run);
        assertEquals(plan.rows(), again.rows());
        assertEquals(plan.cells(), again.cells());
        RunFolder.open(run, again, true).close();
        assertEquals(plan.cells(), planAgain(run).cells());
    }

    /** An earlier version kept the experiment with every default alone. */
    @Test
    void aFolderOfAnEarlierVersionGoesOnUnlessItsCellsWouldBeOthers() throws IOException {
        Path run = folder.resolve("run");
        RunFolder.open(run, plan(), false).close();
        Files.delete(run.resolve("written.yaml"));
        RunFolder.open(run, planAgain(run), true).close();

        Path other = folder.resolve("other");
        Plan plan = plan(LARGE);
        RunFolder.open(other, plan, false).close();
        Files.delete(other.resolve("written.yaml"));
        Plan frozen = planAgain(other);
        assertNotEquals(plan.cells(), frozen.cells());
        String problem = refused(other, frozen);
        assertTrue(problem.contains("holds another experiment: large, task wason, seed 1: its cell is cells/large/"), problem);
        assertTrue(problem.contains("name the file it was written in, as run experiment.yaml --resume --out " + other), problem);

        Path cell = other.resolve(plan.rows().stream().filter(row -> row.algorithm().equals("large")).findFirst().orElseThrow()
                .cell());
        CellSpecification specification = plan.cells().stream().filter(c -> other.resolve(c.folder()).equals(cell)).findFirst()
                .orElseThrow().specification();
        CellFolder.publish(CellFolder.partial(cell), cell,
                new Manifest(1, specification, specification.hash(), Map.of(), Map.of(), Map.of()));
        problem = refused(other, frozen);
        assertTrue(problem.contains("large, task wason, seed 1: policy.intermediate is 512 there and 256 here"), problem);
        RunFolder.open(other, plan, true).close();
    }

    /** The hash of a file that an override or a grid names is known by the cells alone. */
    @Test
    void filesOfOverridesAndGridsMayLieElsewhereAndNotBeOthers() throws IOException {
        Path one = chat("one.jsonl", "A");
        Path two = chat("two.jsonl", "7");
        Path run = folder.resolve("run");
        RunFolder.open(run, plan("algorithms.large.start={id: bc, file: " + one + "}", "grid={start.file: [" + two + "]}"), false)
                .close();
        one = Files.move(one, folder.resolve("one-moved.jsonl"));
        two = Files.move(two, folder.resolve("two-moved.jsonl"));
        String[] places = {"algorithms.large.start.file=" + one, "grid={start.file: [" + two + "]}"};
        RunFolder.open(run, planAgain(run, places), true).close();
        RunFolder.open(run, planAgain(run), true).close();

        chat("one-moved.jsonl", "none");
        String problem = refused(run, planAgain(run));
        assertTrue(problem.contains("holds another experiment: large, task wason, grid {start.file="), problem);
        assertTrue(problem.contains("a file that it names or a plugin has changed since: bring back what it was, or name another "
                + "folder with --out"), problem);
    }

    private Path chat(String name, String answer) throws IOException {
        return Files.writeString(folder.resolve(name), """
                {"messages": [{"role": "user", "content": "Which?"}, {"role": "assistant", "content": "%s"}]}
                """.formatted(answer));
    }

    @Test
    void thereIsNothingToContinueWhereThereIsNoRun() throws IOException {
        Plan plan = plan();
        for (Path none : List.of(folder.resolve("none"), Files.createDirectory(folder.resolve("empty")))) {
            String expected = "--resume: there is no run to continue in " + none + "; to start one, leave out --resume";
            assertEquals(expected, refused(none, plan));
            assertTrue(assertThrows(InputException.class, () -> RunFolder.source(none)).getMessage().startsWith(expected));
        }
        assertFalse(Files.exists(folder.resolve("none")));
    }

    /** Whoever may read the results may read the cells. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aFinishedCellIsReadByWhoeverMayReadNewFolders() throws IOException {
        Path usual = Files.createDirectory(folder.resolve("usual"));
        Path cell = folder.resolve("cells/near/1");
        CellFolder.publish(CellFolder.partial(cell), cell, new Manifest(1, null, "", Map.of(), Map.of(), Map.of()));
        assertEquals(Files.getPosixFilePermissions(usual), Files.getPosixFilePermissions(cell));
        assertTrue(CellFolder.isPartial(CellFolder.partial(cell)));
    }
}

package io.parley.benchmarks.cells;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parley.benchmarks.experiment.CellSpecification;
import io.parley.benchmarks.experiment.EvaluationSettings;
import io.parley.benchmarks.experiment.Plan;
import io.parley.core.plugin.PluginSpec;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final StringWriter shown = new StringWriter();
    private long seconds;

    private static Plan.Cell cell(String name, EvaluationSettings evaluation) {
        return new Plan.Cell(name, name, new CellSpecification(1, 1, PluginSpec.of("wason"), PluginSpec.of("mlp"), null, null, null,
                null, null, null, evaluation), null, 100);
    }

    private void takes(Progress progress, Plan.Cell cell, long time) {
        progress.advanced(cell, 0);
        seconds += time;
        progress.finished(cell);
    }

    @Test
    void theTimeLeftIsThatOfTheRowsHoweverLongTheirStartsTook() {
        EvaluationSettings judged = new EvaluationSettings(null, null, null, null, null);
        List<Plan.Cell> starts = List.of(cell("start 1", null), cell("start 2", null));
        List<Plan.Cell> rows = List.of(cell("row 1", judged), cell("row 2", judged), cell("row 3", judged), cell("row 4", judged));
        Progress progress = new Progress(new PrintWriter(shown, true), false, () -> TimeUnit.SECONDS.toNanos(seconds));
        progress.begin(List.of(starts.get(0), starts.get(1), rows.get(0), rows.get(1), rows.get(2), rows.get(3)), 0);
        takes(progress, starts.get(0), 1000);
        takes(progress, starts.get(1), 1000);
        takes(progress, rows.get(0), 10);
        // Two rows beside each other now.
        progress.advanced(rows.get(1), 0);
        takes(progress, rows.get(2), 10);
        progress.finished(rows.get(1));
        takes(progress, rows.get(3), 10);
        assertEquals("""
                6 cells to compute
                [1/6] start 1; time left unknown yet
                [2/6] start 2; time left unknown yet
                [3/6] row 1; about 30 s left
                [4/6] row 3; about 20 s left
                [5/6] row 2; about 10 s left
                [6/6] row 4; about 0 s left
                """, shown.toString().replace(System.lineSeparator(), "\n"));
    }
}

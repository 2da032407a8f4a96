package io.parley.benchmarks.report;

import io.parley.benchmarks.results.FakeResults;
import io.parley.benchmarks.results.Results;
import io.parley.benchmarks.results.Results.Cell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Function;

/** Writes pages and tables of invented results to a folder, for those who change the reports: {@code java … Look FOLDER}. */
final class Look {
    private Look() {}

    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        for (Results results : new Results[] {FakeResults.quickstart(5), FakeResults.attribution(5), FakeResults.phase(5),
                FakeResults.dialogue(5)}) {
            System.out.println(TerminalTable.render(results, 80, false));
            String name = results.provenance().name();
            results.write(folder.resolve(name + ".json"));
            Function<Cell, Path> folders = folders(results, folder.resolve(name));
            long begin = System.nanoTime();
            HtmlReport.write(folder.resolve(name + ".html"), results, folders);
            System.out.printf("%s.html took %.1f s%n%n", name, (System.nanoTime() - begin) / 1e9);
        }
        HtmlReport.write(folder.resolve("few.html"), FakeResults.quickstart(2), cell -> null);
    }

    static Function<Cell, Path> folders(Results results, Path folder) throws IOException {
        Map<Cell, Path> folders = new IdentityHashMap<>();
        for (Cell cell : results.cells()) {
            if (results.algorithms(cell.task()).contains(cell.algorithm())) {
                Path own = Files.createDirectories(folder.resolve("" + folders.size()));
                FakeResults.curve(own.resolve(LearningCurve.FILE), cell, 200);
                folders.put(cell, own);
            }
        }
        return folders::get;
    }
}

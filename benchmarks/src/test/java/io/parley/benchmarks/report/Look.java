package io.parley.benchmarks.report;

import io.parley.benchmarks.results.FakeResults;
import io.parley.benchmarks.results.Results;

/** Prints what the invented results look like: {@code java … Look}. For those who change the reports. */
final class Look {
    private Look() {}

    public static void main(String[] args) {
        for (Results results : new Results[] {FakeResults.quickstart(5), FakeResults.quickstart(3), FakeResults.attribution(5), FakeResults.phase(5)}) {
            System.out.println(TerminalTable.render(results, 80, false));
        }
    }
}

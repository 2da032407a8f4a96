package io.parley.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.benchmarks.results.FakeResults;
import io.parley.benchmarks.results.Results;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalTableTest {
    @ParameterizedTest
    @ValueSource(ints = {40, 60, 80, 132})
    void isNoWiderThanTheTerminal(int width) {
        for (Results results : List.of(FakeResults.quickstart(5), FakeResults.quickstart(2), FakeResults.phase(1),
                FakeResults.dialogue(5), FakeResults.withoutCases(FakeResults.quickstart(10), "ppo", "overTrust", 3))) {
            for (boolean ascii : new boolean[] {true, false}) {
                String table = TerminalTable.render(results, width, ascii);
                assertTrue(table.lines().allMatch(line -> line.length() <= width), table);
                assertTrue(!ascii || table.chars().allMatch(c -> c < 128), table);
            }
        }
    }

    @Test
    void showsScriptedRowsThenTheStartThenAlgorithms() {
        String table = TerminalTable.render(FakeResults.quickstart(5), 80, true);
        Matcher rows = Pattern.compile("(?m)^(copy-always|evidence-only|record-optimal|bc|ppo|icr-smoothed) +-?[0-9.]+[+]-")
                .matcher(table);
        assertEquals(List.of("copy-always", "evidence-only", "record-optimal", "bc", "ppo", "icr-smoothed"),
                rows.results().map(r -> r.group(1)).toList());
        assertTrue(table.contains("1.00+-0.00"), table);
    }

    @Test
    void setsPeopleBesideWholeDialogues() {
        String table = TerminalTable.render(FakeResults.dialogue(5), 100, true);
        assertTrue(Pattern.compile("(?m)^humans +0\\.30 +0\\.24 +2\\.27 +0\\.76 +-$").matcher(table).find(), table);
        assertFalse(TerminalTable.render(FakeResults.quickstart(5), 100, true).contains("humans"));
    }

    /** The heading says how many seeds there are, and not how many had a case. */
    @Test
    void saysOfHowManySeedsAMeanIsWhereNotAllHadACase() {
        Results results = FakeResults.withoutCases(FakeResults.quickstart(10), "ppo", "overTrust", 3);
        String table = TerminalTable.render(results, 132, true);
        assertTrue(table.contains("10 seeds: mean+-half"), table);
        assertTrue(Pattern.compile("(?m)^ppo .*[+]-\\d\\.\\d\\d \\(7\\) +\\S+ +\\S+$").matcher(table).find(), table);
        assertEquals(1, table.split("\\(7\\)", -1).length - 1, table);
        assertTrue(table.contains("In brackets: how many seeds a mean is of, where not all had a case."), table);
        String narrow = TerminalTable.render(results, 60, true);
        assertFalse(narrow.contains("(7)"), narrow);
        assertTrue(narrow.replace('\n', ' ').contains("Not all seeds had a case of each; a wider terminal says how many had."),
                narrow);
        assertFalse(TerminalTable.render(FakeResults.quickstart(10), 132, true).contains("had a case."));
    }

    @Test
    void showsNoIntervalBelowFiveSeeds() {
        String table = TerminalTable.render(FakeResults.quickstart(4), 80, true);
        assertFalse(table.contains("+-"), table);
        assertTrue(table.contains("4 seeds: means, too few for intervals"), table);
    }
}

package io.parley.tasks.people;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.Plugins;
import io.parley.tasks.people.People.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeopleTest {
    private static final int DRAWS = 40_000;
    private static final String FILE = """
            {"pace": {"record": 1, "single": 0.5},
             "personalities": [
               {"name": "a", "share": 0.25, "conviction": 0.6, "sources": {"own": 0.1, "majority": 0.2, "evidence": 0.3, \
            "partner": 0.4}},
               {"name": "b", "share": 0.75, "conviction": 0, "sources": {"secondThoughts": 1}}]}
            """;

    @TempDir
    private Path folder;

    private People read(String text) throws IOException {
        return People.read(Files.writeString(folder.resolve("people.json"), text));
    }

    private static Map<Source, Double> shares(People people, boolean visible, boolean right, Regime regime) {
        RandomGenerator random = new SplittableRandom(5);
        Map<Source, Double> shares = new EnumMap<>(Source.class);
        for (int i = 0; i < DRAWS; i++) {
            shares.merge(people.source(0, visible, right, regime, random), 1.0 / DRAWS, Double::sum);
        }
        return shares;
    }

    private static void assertShares(Map<Source, Double> expected, Map<Source, Double> found) {
        assertEquals(expected.keySet(), found.keySet());
        expected.forEach((source, share) -> assertEquals(share, found.get(source), 0.015, source.toString()));
    }

    @Test
    void sourcesComeAsOftenAsTheFileSays() throws IOException {
        People people = read(FILE);
        assertShares(Map.of(Source.OWN, 0.1, Source.MAJORITY, 0.2, Source.EVIDENCE, 0.3, Source.PARTNER, 0.4),
                shares(people, true, false, Regime.RECORD));
        assertShares(Map.of(Source.OWN, 0.55, Source.MAJORITY, 0.1, Source.EVIDENCE, 0.15, Source.PARTNER, 0.2),
                shares(people, true, false, Regime.SINGLE));
        // Who cannot see the evidence neither follows it nor knows that it is right.
        assertShares(Map.of(Source.OWN, 0.4, Source.MAJORITY, 0.2, Source.PARTNER, 0.4),
                shares(people, false, true, Regime.RECORD));
        assertShares(Map.of(Source.OWN, 0.64, Source.MAJORITY, 0.08, Source.EVIDENCE, 0.12, Source.PARTNER, 0.16),
                shares(people, true, true, Regime.RECORD));
    }

    @Test
    void writesWhatItReads() throws IOException {
        String written = Plugins.strictMapper().writeValueAsString(People.load().parameters());
        assertEquals(People.load().parameters(), read(written).parameters());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "own": 0.1       | "own": 0.2          | line 3: personalities[0].sources: own, majority, peer, collaborator, \
            partner, evidence and secondThoughts sum to 1.1000; 1
            "own": 0.1       | "own": 0.1, "me": 0 | line 3: personalities[0].sources.me: Unrecognized field "me"
            "share": 0.25    | "share": 0.5        | the shares of the personalities sum to 1.2500; 1
            "share": 0.25    | "share": "0.25"     | line 3: personalities[0].share: Cannot coerce String value
            "single": 0.5    | "singel": 0.5       | line 1: pace: pace has no single
            , "single": 0.5  | ``                  | pace has no single; record and single
            "single": 0.5    | "single": 1.5       | pace: single is 1.5; from 0 to 1
            "conviction": 0, | "conviction": -1,   | line 4: personalities[1]: conviction is -1.0; from 0 to 1
            "name": "b", | `` | line 4: personalities[1]: a personality has a name, a share, a conviction and sources
            """)
    void saysWhatIsWrongAndWhere(String found, String replacement, String message) {
        String text = FILE.replace(found, replacement);
        assertTrue(!text.equals(FILE), found);
        String problem = assertThrows(ConfigurationException.class, () -> read(text)).getMessage();
        assertTrue(problem.startsWith("people: " + folder.resolve("people.json")) && problem.contains(message), problem);
    }
}

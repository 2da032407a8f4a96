package io.parley.tasks.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.tasks.wason.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeliDataTest {
    private static final String HEADER = String.join("\t", "group_id", "message_id", "message_type", "origin", "original_text",
            "clean_text", "annotation_type", "annotation_target", "annotation_additional", "team_performance",
            "performance_change", "sol_tracker_message", "sol_tracker_all");
    /** Rows of {@link #HEADER}: two participants; the first one says a quotation mark and a number sign, which are text. */
    private static final String GROUP = HEADER + """

            g	-1	INITIAL	SYSTEM	Cat,Kiwi&&2,7,V,A					0.5	0.0		{"Kiwi": ["2", "A"], "Cat": ["N", "/", "A"]}
            g	1	MESSAGE	Cat	"two inches # or so	"two inches	Probing	Moderation	0	0.5	0.0		{"Kiwi": ["2", "A"], "Cat": ["N", "/", \
            "A"]}
            g	2	MESSAGE	Kiwi	7	7	Non-probing-deliberation	Solution	0	0.5	0.0	7	{"Kiwi": ["7", "A"], "Cat": ["N", "/", "A"]}
            g	3	SUBMIT	Cat	7,A					0.5	0.0		{"Kiwi": ["7", "A"], "Cat": ["7", "A"]}
            """;

    /** What was measured on the corpus apart from this code, to the places given. */
    private static final Map<String, String> HUMANS = Map.ofEntries(
            Map.entry("participants.initialAccuracy", "0.090"), Map.entry("participants.finalAccuracy", "0.276"),
            Map.entry("participants.initialFineGrained", "0.579"), Map.entry("participants.finalFineGrained", "0.685"),
            Map.entry("participants.changed", "0.541"), Map.entry("consensus", "0.240"), Map.entry("messages", "28.006"),
            Map.entry("probing", "3.476"));
    private static final Map<Integer, Integer> SIZES = Map.of(2, 38, 3, 131, 4, 176, 5, 133, 6, 18, 7, 4);
    private static final String INITIAL = "EV .311, V .208, OV .090, CEOV .053, E .053, CV .047, C .045, "
            + "EOV .044, O .040, CO .033, EO .023, CE .020, CEO .015, CEV .009, COV .006, none .005";
    private static final String FINAL = "OV .276, EV .267, V .164, EOV .075, CEOV .074, E .030, CO .023, "
            + "O .021, CV .015, C .012, CE .011, EO .010, CEV .009, COV .007, CEO .005, none .002";
    private static final Map<String, Integer> TRANSITIONS = Map.of("EV.EV", 313, "V.V", 192, "OV.OV", 144,
            "EV.OV", 137, "V.OV", 88, "V.EV", 78, "EV.V", 59, "EV.EOV", 45, "CEOV.CEOV", 45, "EV.CEOV", 42);

    @Test
    void numbersOfTheCorpusGiveTheHumanFigures() {
        assertHuman(DeliData.reference());
    }

    /** The committed numbers are made here: where they differ from the corpus's, the new ones lie in target/delidata.tsv. */
    @Test
    @EnabledIfSystemProperty(named = "parley.delidata", matches = ".+")
    void numbersAreThoseOfTheCorpus() throws IOException {
        Path corpus = Path.of(System.getProperty("parley.delidata"));
        List<DeliData.Group> groups = new ArrayList<>();
        try (Stream<Path> files = Files.list(corpus)) {
            for (Path file : files.sorted().toList()) {
                DeliData.Group group = DeliData.parse(Files.readString(file));
                assertEquals(file.getFileName().toString(), group.id());
                groups.add(new DeliData.Group(String.valueOf(groups.size() + 1), group.messages(), group.probing(),
                        group.solutions()));
            }
        }
        assertHuman(groups);
        StringBuilder numbers = new StringBuilder("""
                # Selections of the participants of the 500 DeliData groups (Karadzhov, Stafford and Vlachos, CSCW 2023; the \
                corpus is
                # under the Apache License 2.0), derived by DeliDataTest from the files as published: no names, no words. \
                Participants are
                # separated by semicolons, their successive selections by spaces.
                group\tmessages\tprobing\tsolutions
                """);
        for (DeliData.Group group : groups) {
            numbers.append(group.id()).append('\t').append(group.messages()).append('\t').append(group.probing()).append('\t')
                    .append(group.solutions().stream()
                            .map(own -> own.stream().map(Part::letters).collect(Collectors.joining(" ")))
                            .collect(Collectors.joining(";")))
                    .append('\n');
        }
        Files.writeString(Path.of("target/delidata.tsv"), numbers);
        assertTrue(groups.equals(DeliData.reference()),
                "the corpus gives other numbers than delidata.tsv; see target/delidata.tsv");
    }

    private static void assertHuman(List<DeliData.Group> groups) {
        SortedMap<String, Metric> metrics = Scorer.scoreGroups(groups);
        assertEquals(500, metrics.get("consensus").count());
        assertEquals(1974, metrics.get("participants.finalAccuracy").count());
        HUMANS.forEach((name, value) -> assertEquals(value, String.format(Locale.ROOT, "%.3f", metrics.get(name).value()), name));
        SIZES.forEach((size, count) -> assertEquals(count / 500.0, metrics.get("groupSize." + size).value(), 1e-12));
        TRANSITIONS.forEach((cell, count) -> assertEquals(count / 1974.0, metrics.get(Scorer.TRANSITION + cell).value(),
                1e-12, cell));
        assertEquals(shares(INITIAL), shares(metrics, Scorer.INITIAL));
        assertEquals(shares(FINAL), shares(metrics, Scorer.FINAL));
    }

    private static Map<String, String> shares(String text) {
        Map<String, String> shares = new TreeMap<>();
        for (String each : text.split(", ")) {
            shares.put(each.split(" ")[0], "0" + each.split(" ")[1]);
        }
        return shares;
    }

    private static Map<String, String> shares(Map<String, Metric> metrics, String prefix) {
        Map<String, String> shares = new TreeMap<>();
        metrics.forEach((name, metric) -> {
            if (name.startsWith(prefix)) {
                shares.put(name.substring(prefix.length()), String.format(Locale.ROOT, "%.3f", metric.value()));
            }
        });
        return shares;
    }

    @Test
    void groupByHand() {
        DeliData.Group group = DeliData.parse(GROUP);
        int ev = Part.ofLetters("EV");
        int cv = Part.ofLetters("CV");
        int ov = Part.ofLetters("OV");
        assertEquals(new DeliData.Group("g", 2, 1, List.of(List.of(ev, ov), List.of(cv, cv, ov))), group);
        SortedMap<String, Metric> metrics = Scorer.scoreGroups(List.of(group));
        Map<String, Double> expected = Map.ofEntries(
                Map.entry("participants.initialAccuracy", 0.0), Map.entry("participants.finalAccuracy", 1.0),
                Map.entry("participants.initialFineGrained", 0.5), Map.entry("participants.changed", 1.0),
                Map.entry("consensus", 1.0), Map.entry("finalAccuracy", 1.0), Map.entry("performanceGain", 0.5),
                // EV, CV, then OV; of one triple, (CV, CV, OV).
                Map.entry("diversity", 3.0), Map.entry("cgGain", -1.0), Map.entry("uniqueTransitions", 1.0),
                Map.entry("stuckTransitions", 0.0), Map.entry("commonGround.size", 4.0),
                Map.entry("commonGround.correctShare", 1.0),
                Map.entry("groupSize.2", 1.0), Map.entry("participants.transition.CV.OV", 0.5));
        expected.forEach((name, value) -> assertEquals(value, metrics.get(name).value(), 1e-12, name));
    }

    /** Two of four is no majority, and what two hold of a card and two do not is no common ground. */
    @Test
    void majorityAndCommonGround() {
        DeliData.Group group = new DeliData.Group("g", 0, 0,
                Stream.of("OV", "EOV", "V", "EV").map(letters -> List.of(Part.ofLetters(letters))).toList());
        assertEquals(Part.ofLetters("V"), group.majority());
        // C is left and V turned by all, both rightly.
        assertEquals(Part.ofLetters("CV"), group.agreed());
        SortedMap<String, Metric> metrics = Scorer.scoreGroups(List.of(group));
        assertEquals(2.0, metrics.get("commonGround.size").value());
        assertEquals(1.0, metrics.get("commonGround.correctShare").value());
        assertEquals(0.75, metrics.get("fineGrained").value());
        assertEquals(0.0, metrics.get("consensus").value());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sol_tracker_all       | tracker               | line 1: there is no column sol_tracker_all; found group_id, message_id
            origin                | group_id              | line 1: The header contains a duplicate name
            INITIAL               | MESSAGE               | line 2: the first row has message_type MESSAGE, group_id 'g'
            SUBMIT                | SUMBIT                | line 5: message_type is 'SUMBIT'; one of INITIAL, MESSAGE, SUBMIT
            SUBMIT                | INITIAL               | line 5: message_type is INITIAL; the first row's alone is
            Probing\tModeration   | probing\tModeration   | line 3: annotation_type is 'probing'; one of Probing
            g\t2                  | h\t2                  | line 4: group_id is 'h'; that of the first row, 'g'
            MESSAGE\tKiwi         | MESSAGE\tKoala        | line 4: origin is 'Koala'; one of Kiwi, Cat
            Solution              | Solution\tSolution    | line 4: there are 14 columns; the header has 13
            ["7", "A"], "Cat"     | ["7", "A"], "Dog"     | line 4: sol_tracker_all has the participants [Kiwi, Dog]; those of \
            the first row
            ["7", "A"], "Cat"     | ["7", "A", "Cat"      | line 4: sol_tracker_all is '{"Kiwi": ["7", "A"
            {"Kiwi": ["7", "A"],  | {"Kiwi": [7, "A"],    | line 4: sol_tracker_all is '{"Kiwi": [7
            {"Kiwi": ["7", "A"],  | {"Kiwi": "7A",        | with the cards that each participant selects, such as
            """)
    void saysWhatIsWrongAndWhere(String found, String replacement, String message) {
        String text = GROUP.replaceFirst(Pattern.quote(found), Matcher.quoteReplacement(replacement));
        assertNotEquals(GROUP, text, found);
        assertMessage(message, text);
    }

    @Test
    void saysThatThereIsNothing() {
        assertMessage("line 1: there is a header and no row", HEADER + "\n");
        assertMessage("line 1: there is no column group_id", "");
    }

    private static void assertMessage(String message, String text) {
        String found = assertThrows(IllegalArgumentException.class, () -> DeliData.parse(text)).getMessage();
        assertTrue(found.contains(message), () -> "expected: " + message + "\nfound: " + found);
    }
}

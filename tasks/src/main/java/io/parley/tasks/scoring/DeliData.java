package io.parley.tasks.scoring;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.parley.tasks.wason.Part;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;

/**
 * Groups of people on the card selection task: the DeliData corpus (Karadzhov, Stafford and Vlachos, CSCW 2023), in the
 * form in which it is published, one tab-separated file a group without quoting, and as numbers that come with Parley.
 *
 * <p>Selections are mapped as in the public evaluation: a number is odd or even, A, E, I, O and U are vowels, and anything
 * else is a consonant. So is the odd sign that is on no card of the group, such as the letters of "N/A": 22 initial and 1
 * final selections in 12 of the 500 groups have one.
 */
public final class DeliData {
    /** The columns that are read; a file may have more. */
    public static final List<String> COLUMNS =
            List.of("group_id", "message_type", "origin", "annotation_type", "sol_tracker_all");

    private static final String WORDS = "original_text";
    private static final List<String> TYPES = List.of("INITIAL", "MESSAGE", "SUBMIT");
    private static final List<String> ANNOTATIONS = List.of("Probing", "Non-probing-deliberation", "None", "0", "");
    private static final CSVFormat FORM = CSVFormat.TDF.builder()
            .setQuote(null).setIgnoreSurroundingSpaces(false).setHeader().setSkipHeaderRecord(true)
            .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW).get();
    private static final CSVFormat NUMBERS = FORM.builder().setCommentMarker('#').get();
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private DeliData() {}

    /**
     * What a group selected, and how much it said.
     *
     * @param id the group's
     * @param messages that its participants wrote
     * @param probing those of them that are annotated as probing, at most {@code messages}
     * @param solutions each participant's successive selections, as bits of {@link Part}: the initial one, and that after each
     *     of its own messages and submissions
     */
    public record Group(String id, int messages, int probing, List<List<Integer>> solutions) {
        public Group {
            if (probing < 0 || probing > messages) {
                throw new IllegalArgumentException("probing is " + probing + "; from 0 to the " + messages + " messages");
            }
            if (solutions.isEmpty() || solutions.stream().anyMatch(List::isEmpty)) {
                throw new IllegalArgumentException("solutions are " + solutions + "; at least one of at least one participant");
            }
            solutions = solutions.stream().map(List::copyOf).toList();
        }

        /** The parts that more than half of the participants select in the end. */
        int majority() {
            return DeliData.majority(solutions);
        }

        /** The parts that all participants select in the end, or none of them. */
        int agreed() {
            int agreed = 0;
            for (Part part : Part.values()) {
                agreed |= turned(solutions, part) % solutions.size() == 0 ? part.bit() : 0;
            }
            return agreed;
        }
    }

    /**
     * What someone wrote to move the group on: a message that is annotated as probing.
     *
     * @param majority the parts that more than half of the participants selected before it, as bits of {@link Part}
     * @param progress share of the group's messages that were written before it, in [0, 1)
     * @param selection what its writer selected after it
     * @param words as they were written
     */
    public record Probing(int majority, double progress, int selection, String words) {}

    private static int majority(Collection<List<Integer>> solutions) {
        int majority = 0;
        for (Part part : Part.values()) {
            majority |= 2 * turned(solutions, part) > solutions.size() ? part.bit() : 0;
        }
        return majority;
    }

    /** The number of participants whose last selection has a part. */
    private static int turned(Collection<List<Integer>> solutions, Part part) {
        return (int) solutions.stream().filter(own -> (own.get(own.size() - 1) & part.bit()) != 0).count();
    }

    /**
     * The 500 groups of the corpus as numbers: selections and counts, no names and no words. In the order of their published
     * names; the ids are numbers from 1.
     */
    public static List<Group> reference() {
        try (InputStream in = DeliData.class.getResourceAsStream("delidata.tsv");
                CSVParser rows = NUMBERS.parse(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            List<Group> groups = new ArrayList<>();
            for (CSVRecord row : rows) {
                List<List<Integer>> solutions = new ArrayList<>();
                for (String own : row.get("solutions").split(";")) {
                    solutions.add(Arrays.stream(own.split(" ")).map(Part::ofLetters).toList());
                }
                groups.add(new Group(row.get("group"), Integer.parseInt(row.get("messages")),
                        Integer.parseInt(row.get("probing")), solutions));
            }
            return groups;
        } catch (IOException e) {
            throw new UncheckedIOException("delidata.tsv of the scorer cannot be read", e);
        }
    }

    /**
     * Reads a group as it is published.
     *
     * @param text the content of its file
     * @throws IllegalArgumentException if it is no such file; the message begins with the line
     */
    public static Group parse(String text) {
        return read(text, COLUMNS).group();
    }

    /**
     * Reads what is annotated as probing in a group as it is published, in its order.
     *
     * @param text the content of its file; beside {@link #COLUMNS} it needs {@code original_text}
     * @throws IllegalArgumentException as {@link #parse} does
     */
    public static List<Probing> probing(String text) {
        List<String> columns = new ArrayList<>(COLUMNS);
        columns.add(WORDS);
        return read(text, columns).said();
    }

    private static Reading read(String text, List<String> columns) {
        try (Reader in = new StringReader(text); CSVParser rows = header(in, columns)) {
            Reading reading = new Reading();
            for (CSVRecord row : rows) {
                try {
                    reading.add(row);
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("line " + rows.getCurrentLineNumber() + ": " + e.getMessage(), e);
                }
            }
            return reading;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CSVParser header(Reader in, List<String> columns) throws IOException {
        CSVParser rows;
        try {
            rows = FORM.parse(in);
        } catch (IllegalArgumentException | CSVException e) {
            throw new IllegalArgumentException("line 1: " + e.getMessage(), e);
        }
        List<String> missing = columns.stream().filter(column -> !rows.getHeaderNames().contains(column)).toList();
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("line 1: there is no column " + String.join(", ", missing) + "; found "
                    + clipped(String.join(", ", rows.getHeaderNames())));
        }
        return rows;
    }

    private static String clipped(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }

    /** A group as far as its rows have been read. */
    private static final class Reading {
        private final Map<String, List<Integer>> solutions = new LinkedHashMap<>();
        /** Each with the number of messages before it in place of its progress. */
        private final List<Probing> said = new ArrayList<>();
        private String id;
        private int messages;

        void add(CSVRecord row) {
            if (!row.isConsistent()) {
                throw new IllegalArgumentException(
                        "there are " + row.size() + " columns; the header has " + row.getParser().getHeaderNames().size());
            }
            String type = oneOf(row, "message_type", TYPES);
            String annotation = oneOf(row, "annotation_type", ANNOTATIONS);
            Map<String, Integer> now = selections(row.get("sol_tracker_all"));
            if (id == null) {
                begin(row.get("group_id"), type, now);
                return;
            }
            if (type.equals("INITIAL")) {
                throw new IllegalArgumentException("message_type is INITIAL; the first row's alone is");
            }
            if (!row.get("group_id").equals(id)) {
                throw new IllegalArgumentException(
                        "group_id is '" + clipped(row.get("group_id")) + "'; that of the first row, '" + id + "'");
            }
            if (!now.keySet().equals(solutions.keySet())) {
                throw new IllegalArgumentException("sol_tracker_all has the participants " + now.keySet()
                        + "; those of the first row, " + solutions.keySet());
            }
            String origin = oneOf(row, "origin", solutions.keySet());
            if (type.equals("MESSAGE") && annotation.equals("Probing")) {
                said.add(new Probing(majority(solutions.values()), messages, now.get(origin),
                        row.isMapped(WORDS) ? row.get(WORDS) : ""));
            }
            now.forEach((person, selection) -> {
                List<Integer> own = solutions.get(person);
                if (person.equals(origin) || !selection.equals(own.get(own.size() - 1))) {
                    own.add(selection);
                }
            });
            messages += type.equals("MESSAGE") ? 1 : 0;
        }

        private void begin(String group, String type, Map<String, Integer> initial) {
            if (!type.equals("INITIAL") || group.isBlank() || initial.isEmpty()) {
                throw new IllegalArgumentException("the first row has message_type " + type + ", group_id '" + group + "' and "
                        + initial.size() + " participants; INITIAL, a name and at least one");
            }
            id = group;
            initial.forEach((person, selection) -> solutions.put(person, new ArrayList<>(List.of(selection))));
        }

        Group group() {
            began();
            return new Group(id, messages, said.size(), List.copyOf(solutions.values()));
        }

        List<Probing> said() {
            began();
            return said.stream()
                    .map(each -> new Probing(each.majority(), each.progress() / messages, each.selection(), each.words()))
                    .toList();
        }

        private void began() {
            if (id == null) {
                throw new IllegalArgumentException("line 1: there is a header and no row");
            }
        }
    }

    private static String oneOf(CSVRecord row, String column, Collection<String> allowed) {
        String found = row.get(column);
        if (!allowed.contains(found)) {
            throw new IllegalArgumentException(column + " is '" + clipped(found) + "'; one of "
                    + allowed.stream().map(name -> name.isEmpty() ? "nothing" : name).collect(Collectors.joining(", ")));
        }
        return found;
    }

    private static Map<String, Integer> selections(String tracker) {
        JsonNode node;
        try {
            node = JSON.readTree(tracker);
        } catch (JsonProcessingException e) {
            throw noSelections(tracker, e);
        }
        if (!node.isObject()) {
            throw noSelections(tracker, null);
        }
        Map<String, Integer> selections = new LinkedHashMap<>();
        node.fields().forEachRemaining(person -> {
            Set<String> cards = new LinkedHashSet<>();
            for (JsonNode card : person.getValue()) {
                cards.add(card.textValue());
            }
            if (!person.getValue().isArray() || cards.contains(null) || cards.contains("")) {
                throw noSelections(tracker, null);
            }
            selections.put(person.getKey(), cards.stream().mapToInt(card -> part(card).bit()).reduce(0, (a, b) -> a | b));
        });
        return selections;
    }

    private static IllegalArgumentException noSelections(String tracker, Throwable cause) {
        return new IllegalArgumentException("sol_tracker_all is '" + clipped(tracker)
                + "'; a JSON object with the cards that each participant selects, such as {\"Kiwi\": [\"2\", \"A\"]}", cause);
    }

    /** The part of a card under the corpus's rule, "if vowel then even". */
    private static Part part(String card) {
        if (card.matches("[0-9]+")) {
            return (card.charAt(card.length() - 1) - '0') % 2 == 0 ? Part.Q : Part.NOT_Q;
        }
        return card.matches("[AEIOU]") ? Part.P : Part.NOT_P;
    }
}

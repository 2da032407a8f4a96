package io.parley.tasks.wason;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import io.parley.tasks.group.GroupConfig;
import io.parley.tasks.group.GroupEpisodes;
import io.parley.tasks.people.People;
import io.parley.tasks.people.Regime;
import io.parley.tasks.scoring.Metric;
import io.parley.tasks.scoring.Scorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiscussionTest {
    private static final RandomStreams STREAMS = new RandomStreams(3);
    private static final int EV = Part.ofLetters("EV");
    private static final int OV = Part.ofLetters("OV");
    private static final int O = Part.ofLetters("O");

    @TempDir
    private Path folder;

    /** People of one kind, who reconsider in every round. */
    private Path file(String sources, double conviction, String secondThoughts) throws IOException {
        return Files.writeString(folder.resolve("people.json"), """
                {"pace": {"record": 1, "single": 1},
                 "personalities": [{"name": "all", "share": 1, "conviction": %s, "sources": {%s}}], "secondThoughts": {%s}}
                """.formatted(conviction, sources, secondThoughts));
    }

    private LoneGroup group(String sources, double conviction) throws IOException {
        return new LoneGroup(People.read(file(sources, conviction, "'wason': {'EV': 1, 'O': 3}".replace('\'', '"'))));
    }

    @Test
    void eachSourceIsWhatItSays() throws IOException {
        int[] initial = {EV, OV, EV};
        assertArrayEquals(initial, group("\"own\": 1", 0).discuss(initial, STREAMS, 1));
        assertArrayEquals(new int[] {EV, EV, EV}, group("\"majority\": 1", 0).discuss(initial, STREAMS, 1));
        assertArrayEquals(new int[] {EV, OV, EV}, group("\"majority\": 1", 1).discuss(initial, STREAMS, 1));
        assertArrayEquals(new int[] {OV, OV, OV}, group("\"evidence\": 1", 0).discuss(initial, STREAMS, 1));
        assertArrayEquals(initial, group("\"collaborator\": 0.5, \"partner\": 0.5", 0).discuss(initial, STREAMS, 1));
        // Two who each take the other's exchange theirs; fifteen times.
        assertArrayEquals(new int[] {EV, OV}, group("\"peer\": 1", 0).discuss(new int[] {OV, EV}, STREAMS, 1));
        assertArrayEquals(new int[] {EV}, group("\"peer\": 1", 0).discuss(new int[] {EV}, STREAMS, 1));
        // A second thought differs from the first: of two, they alternate.
        assertArrayEquals(new int[] {O, EV}, group("\"secondThoughts\": 1", 0).discuss(new int[] {EV, O}, STREAMS, 1));
    }

    /** Someone who cannot see the cards imagines them: the second thought tells nothing of what they show. */
    @Test
    void secondThoughtsOnCardsThatCannotBeSeen() throws IOException {
        Discussion discussion = new Discussion(
                People.read(file("\"secondThoughts\": 1", 0, "\"wason\": {\"OV\": 1, \"EV\": 1}")), Regime.RECORD);
        Discussion.Situation withheld = new Discussion.Situation(null, 0b1100, GroupEpisodes.SILENT, GroupEpisodes.SILENT);
        RandomGenerator random = new SplittableRandom(5);
        int[] count = new int[16];
        for (int i = 0; i < 60_000; i++) {
            count[discussion.next(0, 0, new int[] {0}, withheld, random)]++;
        }
        for (int pair : Stances.PAIRS) {
            assertEquals(10_000, count[pair], 500);
        }
    }

    /** The groups that are fitted to are those of the task, but that nobody listens in. */
    @Test
    void aLoneGroupIsTheTaskWithoutCollaboratorAndPartner() {
        int people = 4;
        int episodes = 1500;
        Map<String, Metric> task = Scorer.score(play("single", GroupConfig.DIALOGUE, episodes, people));
        LoneGroup group = new LoneGroup(People.load());
        Selections selections = Selections.load();
        int changed = 0;
        int right = 0;
        int agreed = 0;
        for (int g = 0; g < episodes; g++) {
            int number = g;
            int[] initial = IntStream.range(0, people)
                    .map(person -> selections.initialParts(STREAMS.stream("initial", number, 0, person))).toArray();
            int[] last = group.discuss(initial, STREAMS, g);
            changed += (int) IntStream.range(0, people).filter(person -> initial[person] != last[person]).count();
            right += (int) Arrays.stream(last).filter(selection -> selection == Part.CORRECT).count();
            agreed += Arrays.stream(last).distinct().count() == 1 ? 1 : 0;
        }
        assertEquals((double) changed / episodes / people, task.get("participants.changed").value(), 0.03);
        assertEquals((double) right / episodes / people, task.get("participants.finalAccuracy").value(), 0.04);
        assertEquals((double) agreed / episodes, task.get("consensus").value(), 0.05);
    }

    private static List<ObjectNode> play(String regime, int rounds, int count, int people) {
        Episodes episodes = Play.begin(
                Play.task("{'id': 'wason', 'regime': '" + regime + "', 'visible': 1, 'rounds': " + rounds
                        + ", 'participants': " + people
                        + "}"), Split.TRAIN, 0, count, "silent", 4);
        while (!episodes.done()) {
            episodes.step(Collections.nCopies(count, Response.of("unsure unsure unsure unsure")));
        }
        return episodes.log();
    }

    @Test
    void theTaskUsesTheFileThatItIsGiven() throws IOException {
        Path file = file("\"collaborator\": 1", 0, "");
        Episodes episodes = Play.begin(Play.task("{'id': 'wason', 'people': '" + file + "'}"), Split.TRAIN, 0, 20, "silent", 4);
        while (!episodes.done()) {
            episodes.step(Collections.nCopies(20, Response.of("turn turn turn leave")));
        }
        for (ObjectNode log : episodes.log()) {
            assertEquals("all", log.at("/participants/0").asText());
            for (JsonNode stances : log.at("/rounds/0/stances/after")) {
                assertEquals("[\"turn\",\"turn\",\"turn\",\"leave\"]", stances.toString());
            }
            assertNotEquals(log.at("/rounds/0/stances/after"), log.at("/rounds/0/stances/before"));
        }
    }

    @Test
    void secondThoughtsAreSelections() throws IOException {
        assertProblem("'people': '" + file("\"own\": 1", 0, "\"wason\": {\"VE\": 1}") + "'",
                "secondThoughts.wason: 'VE' is no mapped");
        assertProblem("'people': '" + file("\"own\": 1", 0, "\"wason\": {\"EV\": 1}") + "'",
                "secondThoughts.wason: fewer than two selections have a weight");
    }

    @Test
    void whatIsWrongWithTheFileIsSaidAtTheKeyThatNamesIt() throws IOException {
        assertProblem("'people': ' '", "people is blank");
        assertProblem("'people': 'none.json'",
                "people: there is no file " + Path.of("none.json").toAbsolutePath() + "; parley calibrate writes one");
        assertProblem("'people': '" + folder + "'", "people: there is no file " + folder);
        Path file = file("\"own\": 1", 0, "");
        assertProblem("'people': '" + file + "', 'peopleSha256': '00ff'", "people: " + file + " has sha256 ");
    }

    private static void assertProblem(String key, String problem) {
        String message = assertThrows(ConfigurationException.class, () -> Play.task("{'id': 'wason', " + key + "}")).getMessage();
        assertTrue(message.contains(problem), message);
    }
}

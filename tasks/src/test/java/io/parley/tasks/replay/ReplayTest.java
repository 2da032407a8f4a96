package io.parley.tasks.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.InterventionAgentProvider;
import io.parley.core.task.QuestionTask;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import io.parley.tasks.wason.Kind;
import io.parley.tasks.wason.Part;
import io.parley.tasks.wason.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {
    private static final String HEADER = "group_id\tmessage_type\torigin\toriginal_text\tannotation_type\tsol_tracker_all\n";
    private static final int ROUNDS = 6;

    @TempDir
    private Path folder;

    /** Every majority that can be: the words say which one it was, which third, and what their writer selected. */
    private void people() throws IOException {
        for (int majority = 0; majority < 16; majority++) {
            if (Part.letters(majority).equals("CE")) {
                continue;
            }
            int own = 15 - majority;
            String group = row("INITIAL", "SYSTEM", "", "", majority, majority, majority);
            for (int third = 0; third < 3; third++) {
                // Only the first third of one majority, only the last of another.
                boolean asks = Part.letters(majority).equals("EV") ? third == 0 : Part.letters(majority).equals("OV")
                        ? third == 2 : third != 1;
                group += row("MESSAGE", "Cat", "was " + Part.letters(majority) + " " + third + " now " + Part.letters(own),
                        asks ? "Probing" : "None", own, majority, majority);
                group += row("MESSAGE", "Cat", "never said", "Non-probing-deliberation", majority, majority, majority);
            }
            Files.writeString(folder.resolve("group" + majority), HEADER + group);
        }
    }

    private static String row(String type, String origin, String text, String annotation, int... selections) {
        List<String> people = List.of("Cat", "Kiwi", "Emu");
        StringBuilder tracker = new StringBuilder();
        for (int person = 0; person < selections.length; person++) {
            StringBuilder cards = new StringBuilder();
            for (String letter : List.of("C", "E", "O", "V")) {
                if ((selections[person] & Part.ofLetters(letter)) != 0) {
                    cards.append(cards.isEmpty() ? "" : ", ").append('"')
                            .append(Map.of("C", "K", "E", "4", "O", "7", "V", "U").get(letter))
                            .append('"');
                }
            }
            tracker.append(person == 0 ? "" : ", ").append('"').append(people.get(person)).append("\": [").append(cards)
                    .append(']');
        }
        return String.join("\t", "g", type, origin, text, annotation, "{" + tracker + "}") + "\n";
    }

    private InterventionAgent partner(Map<String, Object> config) {
        PluginContext context = PluginContext.standalone(0);
        return context.plugins().find(InterventionAgentProvider.class, "replay")
                .configured(PluginSpec.of("replay", config), context);
    }

    private InterventionAgent partner() {
        return partner(Map.of("path", folder.toString()));
    }

    private static Task wason() {
        PluginContext context = PluginContext.standalone(0);
        return context.plugins().find(TaskProvider.class, "wason")
                .configured(PluginSpec.of("wason", Map.of("regime", "single", "rounds", ROUNDS)), context);
    }

    private static List<? extends JsonNode> play(InterventionAgent partner, int count) {
        Episodes episodes = wason().begin(new EpisodeRequest(Split.DEV, 0, count, partner, new RandomStreams(8)));
        while (!episodes.done()) {
            episodes.step(Collections.nCopies(count, Response.of("unsure unsure unsure unsure")));
        }
        return episodes.log();
    }

    /** The selection of some stances, mapped by the cards and the rule that the log shows. */
    private static int parts(JsonNode round, JsonNode stances) {
        Rule rule = Rule.ofText(round.get("rule").asText());
        int parts = 0;
        for (int card = 0; card < 4; card++) {
            parts |= stances.get(card).asText().equals("turn")
                    ? rule.part(Kind.ofSymbol(round.get("cards").get(card).asText())).bit() : 0;
        }
        return parts;
    }

    private static int majority(JsonNode round) {
        int majority = 0;
        for (Part part : Part.values()) {
            int count = 0;
            for (JsonNode stances : round.at("/stances/before")) {
                count += (parts(round, stances) & part.bit()) != 0 ? 1 : 0;
            }
            majority |= 2 * count > round.at("/stances/before").size() ? part.bit() : 0;
        }
        return majority;
    }

    @Test
    void saysWhatWasSaidWhereTheGroupStood() throws IOException {
        people();
        Set<String> met = new HashSet<>();
        for (JsonNode log : play(partner(), 300)) {
            for (JsonNode round : log.get("rounds")) {
                String majority = Part.letters(majority(round));
                int third = 3 * (round.get("round").asInt() - 1) / ROUNDS;
                met.add(majority + third);
                if (majority.equals("CE")) {
                    assertTrue(round.get("intervention").isNull(), "nobody stood there");
                    continue;
                }
                int said = majority.equals("EV") ? 0 : majority.equals("OV") ? 2 : third == 1 ? 0 : third;
                int own = 15 - majority(round);
                assertEquals("was " + majority + " " + said + " now " + Part.letters(own),
                        round.at("/intervention/words").asText());
                assertEquals(own, parts(round, round.at("/intervention/suggestion")));
                assertEquals("hesitant", round.at("/intervention/tone").asText());
            }
        }
        assertTrue(met.containsAll(Set.of("CE0", "EV0", "EV1", "EV2", "OV0", "OV1", "OV2", "V0", "V1", "V2")), met.toString());
    }

    @Test
    void drawsUniformlyAmongTheMessagesOfAState() throws IOException {
        String group = row("INITIAL", "SYSTEM", "", "", Part.BIASED, Part.BIASED, Part.BIASED);
        for (int message = 0; message < 4; message++) {
            group += row("MESSAGE", "Kiwi", "message " + message, "Probing", Part.BIASED, Part.BIASED, Part.BIASED);
        }
        Files.writeString(folder.resolve("g"), HEADER + group);
        // Two of four lie in the first third: 0 and 1/4 of the messages came before them.
        Set<String> first = new TreeSet<>();
        int silent = 0;
        for (JsonNode log : play(partner(), 200)) {
            JsonNode round = log.at("/rounds/0");
            if (majority(round) == Part.BIASED) {
                first.add(round.at("/intervention/words").asText());
            } else {
                silent += round.get("intervention").isNull() ? 1 : 0;
            }
        }
        assertEquals(Set.of("message 0", "message 1"), first);
        assertNotEquals(0, silent);
        assertEquals(play(partner(), 20), play(partner(), 40).subList(0, 20));
    }

    @Test
    void refusesWhatItCannotReplay() throws IOException {
        refused(Map.of(), "path is not given");
        refused(Map.of("path", folder.resolve("none").toString()), "path: there is no folder " + folder.resolve("none"));
        refused(Map.of("path", folder.toString()), "no message in " + folder + " has the annotation_type Probing");
        people();
        refused(Map.of("path", folder.toString(), "sha256", "0"), "sha256: the files in " + folder + " have");
        Path broken = Files.writeString(folder.resolve("broken"), HEADER + row("INITIAL", "SYSTEM", "", "", 1)
                + row("MESSAGE", "Cat", "what?", "Probbing", 1));
        refused(Map.of("path", folder.toString()), "path: " + broken
                + ", line 3: annotation_type is 'Probbing'; one of Probing,");
        Files.writeString(broken, HEADER.replace("original_text", "text") + row("INITIAL", "SYSTEM", "", "", 1));
        refused(Map.of("path", folder.toString()), "line 1: there is no column original_text");
    }

    private void refused(Map<String, Object> config, String message) {
        var e = assertThrows(ConfigurationException.class, () -> partner(config));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    void isNoPartnerWhereNobodySelectsCards() throws IOException {
        people();
        class Coin extends QuestionTask {
            Coin() {
                super("coin", 1, List.of(List.of("head", "tail")), List.of("which"));
            }

            @Override
            protected Question ask(Split split, RandomGenerator random) {
                return new Question("which", "head", true, List.of("head"));
            }
        }

        InterventionAgent partner = partner();
        var e = assertThrows(ConfigurationException.class,
                () -> new Coin().begin(new EpisodeRequest(Split.DEV, 0, 1, partner, new RandomStreams(0))));
        assertTrue(e.getMessage().contains("it is a partner for wason"), e.getMessage());
    }
}

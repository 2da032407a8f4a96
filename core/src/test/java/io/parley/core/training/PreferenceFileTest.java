package io.parley.core.training;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreferenceFileTest {
    private static final Preference PAIR = new Preference(
            new Prompt(List.of(
                    new Segment(Role.SYSTEM, SegmentKind.RULES, 0, "say which cards we turn."),
                    new Segment(Role.SYSTEM, SegmentKind.NOTICE, 0, "the partner will not help"),
                    new Segment(Role.USER, SegmentKind.QUESTION, 1, "rule: \"if vowel then even\"."),
                    new Segment(Role.USER, SegmentKind.INTERVENTION, 1, "partner: card one 🙂"),
                    new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, 1, "i see."),
                    new Segment(Role.USER, SegmentKind.OUTCOME, 1, "right: no card."))),
            Response.of("we turn card one."), Response.of("okay.\n"));

    @TempDir
    private Path folder;

    @Test
    void writesMessagesAndReadsThemAsTheyWere() throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        PreferenceFile.write(file, List.of(PAIR, PAIR), ChatMessage::of);
        assertEquals("{\"prompt\":[{\"role\":\"system\",\"content\":\"say which cards we turn. the partner will not help\"},"
                + "{\"role\":\"user\",\"content\":\"rule: \\\"if vowel then even\\\".\\npartner: card one 🙂\"},"
                + "{\"role\":\"assistant\",\"content\":\"i see.\"},{\"role\":\"user\",\"content\":\"right: no card.\"}],"
                + "\"chosen\":[{\"role\":\"assistant\",\"content\":\"we turn card one.\"}],"
                + "\"rejected\":[{\"role\":\"assistant\",\"content\":\"okay.\\n\"}]}", Files.readAllLines(file).get(0));

        List<Preference> read = PreferenceFile.read(file);
        assertEquals(2, read.size());
        assertEquals(ChatMessage.of(PAIR.prompt()), ChatMessage.of(read.get(1).prompt()));
        assertEquals(2, read.get(1).prompt().round());
        assertEquals(PAIR.chosen(), read.get(1).chosen());
        assertEquals(PAIR.rejected(), read.get(1).rejected());

        Path again = folder.resolve("again.jsonl");
        PreferenceFile.write(again, read, ChatMessage::of);
        assertEquals(Files.readString(file), Files.readString(again));

        List<ChatMessage> shown = List.of(new ChatMessage("user", "as a model was shown it"));
        PreferenceFile.write(again, read, prompt -> shown);
        assertEquals(shown, ChatMessage.of(PreferenceFile.read(again).get(0).prompt()));
    }

    @Test
    void aTextThatWindowsWroteIsReadAndOneThatIsNotUtf8IsSaidToBeNone() throws IOException {
        Path file = written("{'prompt': 'q', 'chosen': 'a', 'rejected': 'b'}");
        List<Preference> pairs = PreferenceFile.read(file);
        Files.writeString(file, "\uFEFF" + Files.readString(file));
        assertEquals(pairs, PreferenceFile.read(file));
        Files.write(file, Files.readString(file).replace("\"q\"", "\"é\"").getBytes(ISO_8859_1));
        assertEquals(file + " is not a text in UTF-8",
                assertThrows(IOException.class, () -> PreferenceFile.read(file)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{'prompt': 'q', 'chosen': 'a', 'rejected': 'b', 'score': 3}",
        "{'prompt': [U], 'chosen': [A], 'rejected': [B]}",
        "{'prompt': [U], 'chosen': 'a', 'rejected': [B]}",
        "{'chosen': [U, A], 'rejected': [U, B]}",
        "{'prompt': 'q', 'chosen': [U, A], 'rejected': [U, B]}",
    })
    void readsTheFormsOfOtherTrainers(String line) throws IOException {
        Path file = written(line);
        Preference pair = PreferenceFile.read(file).get(0);
        assertEquals(List.of(new ChatMessage("user", "q")), ChatMessage.of(pair.prompt()));
        assertEquals(List.of("a", "b"), List.of(pair.chosen().text(), pair.rejected().text()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'chosen': 'a', 'rejected': 'b'} | 'prompt' is missing",
        "{'prompt': 'q', 'chosen': 'a'} | 'rejected' is missing",
        "{'prompt': 3, 'chosen': 'a', 'rejected': 'b'} | 'prompt' is 3; a text or a list of messages",
        "{'prompt': [], 'chosen': 'a', 'rejected': 'b'} | 'prompt' is []",
        "{'prompt': [{'role': 'tool', 'content': 'q'}], 'chosen': 'a', 'rejected': 'b'} | role 'tool'; allowed: "
                + "system, user, assistant",
        "{'prompt': [U], 'chosen': [U], 'rejected': [B]} | 'chosen' ends with a message of role 'user'",
        "{'chosen': [U, A], 'rejected': [A, B]} | they differ before the last one",
        "{'prompt': 'other', 'chosen': [U, A], 'rejected': [U, B]} | another prompt than 'prompt'",
        "{'prompt': [{'role': 'user'}], 'chosen': 'a', 'rejected': 'b'} | a message is",
        "{'prompt': | not JSON",
    })
    void saysWhichLineIsWrong(String line, String reason) throws IOException {
        Path file = written("{'prompt': 'q', 'chosen': 'a', 'rejected': 'b'}\n" + line);
        String message = assertThrows(IOException.class, () -> PreferenceFile.read(file)).getMessage();
        assertTrue(message.contains("pairs.jsonl, line 2: ") && message.contains(reason), message);
    }

    private Path written(String lines) throws IOException {
        return Files.writeString(folder.resolve("pairs.jsonl"), lines
                .replace("U", "{'role': 'user', 'content': 'q'}")
                .replace("A", "{'role': 'assistant', 'content': 'a'}")
                .replace("B", "{'role': 'assistant', 'content': 'b'}").replace('\'', '"'));
    }
}

package io.parley.core.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parley.core.dialogue.ChatMessage;
import io.parley.core.task.Demonstration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessagesFileTest {
    @TempDir
    private Path folder;

    @Test
    void everyMessageOfTheAssistantAnswersAllThatWasSaidBefore() throws IOException {
        Path file = Files.writeString(folder.resolve("chats.jsonl"), """
                {"messages": [{"role": "user", "content": "which?"}, {"role": "assistant", "content": "left"}], "source": "test"}

                {"messages": [{"role": "system", "content": "one pays"}, {"role": "user", "content": "which?"}, \
                {"role": "assistant", "content": "left\\n🙂"}, {"role": "user", "content": "sure?"}, \
                {"role": "assistant", "content": "no", "name": "bot"}, {"role": "user", "content": "so?"}]}
                """);
        List<MessagesFile.Dialogue> dialogues = MessagesFile.read(file);
        assertEquals(List.of(1, 3), dialogues.stream().map(MessagesFile.Dialogue::line).toList());
        assertEquals(List.of(1, 2), dialogues.stream().map(dialogue -> dialogue.demonstrations().size()).toList());
        ChatMessage system = new ChatMessage("system", "one pays");
        ChatMessage which = new ChatMessage("user", "which?");
        assertShown(dialogues.get(0).demonstrations().get(0), 1, "left", which);
        assertShown(dialogues.get(1).demonstrations().get(0), 1, "left\n🙂", system, which);
        assertShown(dialogues.get(1).demonstrations().get(1), 2, "no",
                system, which, new ChatMessage("assistant", "left\n🙂"), new ChatMessage("user", "sure?"));
    }

    private static void assertShown(Demonstration demonstration, int round, String response, ChatMessage... prompt) {
        assertEquals(List.of(prompt), ChatMessage.of(demonstration.prompt()));
        assertEquals(round, demonstration.prompt().round());
        assertEquals(response, demonstration.response().text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "{'prompt': 'x', 'completion': 'left'} | 'messages' is missing",
        "{'messages': [USER, ASSISTANT]        | not JSON",
        "{'messages': [USER, ASSISTANT]} {'messages': [USER, ASSISTANT]} | not JSON",
        "['messages']                          | 'messages' is missing",
        "{'messages': 'hello'}                 | 'messages' is \"hello\"; a line is {",
        "{'messages': []}                      | 'messages' is []",
        "{'messages': [USER]}                  | no message is the assistant's",
        "{'messages': [ASSISTANT, USER]}       | the assistant speaks before any user did",
        "{'messages': [SYSTEM, ASSISTANT]}     | the assistant speaks before any user did",
        "{'messages': [USER, SYSTEM, ASSISTANT]} | message 2 is the system's",
        "{'messages': [USER, ASSISTANT, {'role': 'tool', 'content': 'x'}]} | 'messages' has a message of role 'tool'; allowed: system,",
        "{'messages': [USER, {'role': 'assistant', 'content': [{'type': 'text'}]}]} | a message is {",
        "{'messages': [USER, {'from': 'gpt', 'value': 'x'}]} | a message is {"
    })
    void aLineThatCannotBeUsedIsNamedWithItsFileAndNumber(String line, String reason) throws IOException {
        Path file = Files.writeString(folder.resolve("chats.jsonl"), (
                "{'messages': [USER, ASSISTANT]}\n" + line + "\n")
                .replace("USER", "{'role': 'user', 'content': 'x'}")
                .replace("ASSISTANT", "{'role': 'assistant', 'content': 'y'}")
                .replace("SYSTEM", "{'role': 'system', 'content': 'z'}").replace('\'', '"'));
        String message = assertThrows(IOException.class, () -> MessagesFile.read(file)).getMessage();
        assertTrue(message.startsWith(file + ", line 2: ") && message.contains(reason), message);
    }

    @Test
    void aFileWithoutDialoguesIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("none.jsonl"), "\n");
        assertEquals(file + " holds no dialogues", assertThrows(IOException.class, () -> MessagesFile.read(file)).getMessage());
    }
}

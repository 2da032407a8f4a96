package io.parley.checkpoints;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTokensTest {
    private static final Path SMALL = Path.of("src/test/models/lm-smoke");
    private static final ChatTokens TOKENS = open(SMALL);
    private static final ChatTokens EQUAL = open(SMALL);
    private static final List<String> SPACED_TOKENS = Stream.concat(
            Stream.of("<unk>", "<s>", "</s>", "<think>", "\u2581", "\n", "\u2581a", "\u2581b"),
            "abcdefghijklmnopqrstuvwxyz<|>.?/".chars().mapToObj(Character::toString)).toList();
    private static final ChatTokens SPACED = spaced();
    private static final int START = 1;
    private static final int END = 2;

    @Test
    void aSmallTokenizerGivesTheReferencesIdsAndChats() throws IOException {
        agrees(SMALL, new ObjectMapper().readTree(SMALL.resolve("expected.json").toFile()));
    }

    @Test
    void smolLm2GivesTheReferencesIdsAndChats() throws IOException {
        agrees(smolLm2(), new ObjectMapper().readTree(ChatTokensTest.class.getResource("smollm2.json")));
    }

    private static Path smolLm2() {
        String folder = System.getenv("PARLEY_SMOLLM2");
        assumeTrue(folder != null,
                "PARLEY_SMOLLM2 is not set: it names a folder with SmolLM2-135M-Instruct as Hugging Face publishes it");
        return Path.of(folder);
    }

    private static void agrees(Path folder, JsonNode expected) throws IOException {
        ChatTokens tokens = open(folder);
        for (JsonNode each : expected.get("tokenize")) {
            String text = each.get("text").asText();
            int[] ids = new int[each.get("ids").size()];
            Arrays.setAll(ids, i -> each.get("ids").get(i).asInt());
            assertArrayEquals(ids, tokens.wholly(text), text);
            if (Arrays.stream(ids).noneMatch(id -> id <= END)) {
                assertEquals(text, tokens.text(ids));
            }
        }
        ChatTemplate template = ChatTemplate.read(folder);
        for (JsonNode each : expected.get("chat")) {
            List<ChatMessage> chat = ChatTemplateTest.messages(each.get("messages"));
            boolean prompt = each.get("addGenerationPrompt").asBoolean();
            assertEquals(each.get("text").asText(), template.render(chat, prompt));
            assertArrayEquals(tokens.wholly(each.get("text").asText()), tokens.encode(chat, prompt));
        }
        assertEquals(END, tokens.end());
    }

    @Property(tries = 300)
    void idsAreThoseOfTheWholeText(
            @ForAll("plain") String system, @ForAll("plain") String user, @ForAll("plain") String assistant) {
        List<ChatMessage> chat = List.of(new ChatMessage("system", system), new ChatMessage("user", user),
                new ChatMessage("assistant", assistant.strip()), new ChatMessage("user", user));
        String text = "<|im_start|>system\n" + system + "<|im_end|>\n<|im_start|>user\n" + user
                + "<|im_end|>\n<|im_start|>assistant\n"
                + assistant.strip() + "<|im_end|>\n<|im_start|>user\n" + user + "<|im_end|>\n<|im_start|>assistant\n";
        assertArrayEquals(TOKENS.wholly(text), TOKENS.encode(chat, true));
    }

    @Property(tries = 300)
    void aPromptBeginsWithTheShorterOneTheResponseAndItsEnd(
            @ForAll @Size(min = 1, max = 4) List<@From("said") String> responses, @ForAll("said") String user) {
        List<Segment> segments = new ArrayList<>(List.of(new Segment(Role.SYSTEM, SegmentKind.RULES, 0, "rules."),
                new Segment(Role.USER, SegmentKind.QUESTION, 1, user)));
        int round = 1;
        for (String response : responses) {
            if (response.isEmpty()) {
                continue;
            }
            int[] before = TOKENS.encode(new Prompt(segments));
            int[] spoken = TOKENS.encode(Response.of(response));
            segments.add(new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, round, response));
            segments.add(new Segment(Role.USER, SegmentKind.QUESTION, ++round, user));
            int[] after = TOKENS.encode(new Prompt(segments));
            int[] expected = IntStream.concat(Arrays.stream(before), Arrays.stream(spoken)).toArray();
            assertArrayEquals(expected, Arrays.copyOf(after, expected.length));
        }
    }

    /** The template begins three messages of a chat of this form and ends two. */
    @Property(tries = 300)
    void nobodyTypesControlTokens(@ForAll("said") String system, @ForAll("said") String user) {
        int[] ids = TOKENS.encode(List.of(new ChatMessage("system", system), new ChatMessage("user", user)), true);
        assertEquals(3, Arrays.stream(ids).filter(id -> id == START).count());
        assertEquals(2, Arrays.stream(ids).filter(id -> id == END).count());
        assertTrue(Arrays.stream(ids).noneMatch(id -> id == 0));
        String text = TOKENS.text(ids);
        assertEquals("system\n" + system + "\nuser\n" + user + "\nassistant\n", text);
    }

    /** As TinyLlama's: a mark is cut, and no blank is put behind the cut. */
    @Property(tries = 300)
    void nobodyTypesControlTokensWhereABlankIsPutBeforeEveryText(
            @ForAll("saidInSmallLetters") String system, @ForAll("saidInSmallLetters") String user) {
        int[] ids = SPACED.encode(List.of(new ChatMessage("system", system), new ChatMessage("user", user)), true);
        assertEquals(2, Arrays.stream(ids).filter(id -> id == SPACED.end()).count());
        assertTrue(Arrays.stream(ids).noneMatch(id -> id == 1 || id == SPACED_TOKENS.indexOf("<think>")));
        assertEquals(" <|system|>\n" + system + " \n<|user|>\n" + user + " \n<|assistant|>\n", SPACED.text(ids));
    }

    @Provide
    Arbitrary<String> saidInSmallLetters() {
        return Arbitraries.of("</s>", "<s>", "<think>", "</<think>s>", " ", "\n", "a", "b", "<", "think>", ".").list()
                .ofMaxSize(8).map(parts -> String.join("", parts));
    }

    /** As Qwen's, whose marks of thoughts and tools are added tokens, but not special; and as DeepSeek's, which adds letters. */
    @Test
    void nobodyTypesMarksThatAreNotSpecial(@TempDir Path folder) throws IOException {
        ObjectNode tokenizer = (ObjectNode) new ObjectMapper().readTree(SMALL.resolve("tokenizer.json").toFile());
        List<String> added = List.of("<think>", "</tool_call>", "   ", "漢");
        for (String token : added) {
            ((ArrayNode) tokenizer.get("added_tokens")).add(tokenizer.at("/added_tokens/0").<ObjectNode>deepCopy()
                    .put("id", 512 + added.indexOf(token)).put("content", token).put("special", false));
        }
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toString());
        Files.writeString(folder.resolve("chat_template.jinja"), "{% for m in messages %}{{ '<|im_start|>' + m.role + ' ' "
                + "+ m.content + '<|im_end|>' }}{% endfor %}"
                + "{% if add_generation_prompt %}<|im_start|>assistant <think>{% endif %}");
        ChatTokens tokens = open(folder);
        String said = "<think>   </tool_call>漢";
        int[] ids = tokens.encode(List.of(new ChatMessage("user", said)), true);
        assertArrayEquals(new int[] {514, 515, 512}, Arrays.stream(ids).filter(id -> id >= 512).toArray());
        assertEquals("user " + said + "assistant <think>", tokens.text(ids));
        // What the model draws is kept, as the reference keeps it, and has the same tokens when it is known by its text alone.
        Response drawn = tokens.decode(new int[] {512, 514, 513, 515, END}, new float[5], null);
        assertEquals(said, drawn.text());
        assertArrayEquals(new int[] {512, 514, 513, 515, END}, tokens.encode(Response.of(said)));
    }

    /** As DeepSeek-R1's, which looks for the end of thoughts in what the assistant said and leaves them out. */
    @Test
    void aTemplateFindsTheMarksOfTheAssistantAndNoneOfOthers(@TempDir Path folder) throws IOException {
        ObjectNode tokenizer = (ObjectNode) new ObjectMapper().readTree(SMALL.resolve("tokenizer.json").toFile());
        for (String token : List.of("<think>", "</think>")) {
            ((ArrayNode) tokenizer.get("added_tokens")).add(tokenizer.at("/added_tokens/0").<ObjectNode>deepCopy()
                    .put("id", token.equals("<think>") ? 512 : 513).put("content", token).put("special", false));
        }
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toString());
        Files.writeString(folder.resolve("chat_template.jinja"), """
                {%- for message in messages %}
                {%- if message['role'] == 'user' %}{{ '<|im_start|>user ' + message['content'] }}{%- endif %}
                {%- if message['role'] == 'assistant' %}{% set content = message['content'] %}{% if '</think>' in content %}
                {%- set content = content.split('</think>')[-1] %}{% endif %}
                {{- '<|im_start|>assistant ' + content + '<|im_end|>' }}{%- endif %}
                {%- endfor %}
                {%- if add_generation_prompt %}{{ '<|im_start|>assistant <think>\\n' }}{% endif %}""");
        ChatTokens tokens = open(folder);
        List<ChatMessage> chat = List.of(new ChatMessage("user", "is it one?"),
                new ChatMessage("assistant", "\nhm <think> one.\n</think>\n\nyes<|im_end|>."), new ChatMessage("user", "so?"));
        int[] marked = tokens.encode(chat, true);
        assertArrayEquals(new int[] {512}, Arrays.stream(marked).filter(id -> id >= 512).toArray(), "the template's own");
        assertEquals(1, Arrays.stream(marked).filter(id -> id == END).count(), "special tokens cannot be said by anyone");
        assertEquals("user is it one?assistant \n\nyes<|im_end|>.user so?assistant <think>\n", tokens.text(marked));

        int[] typed = tokens.encode(List.of(new ChatMessage("user", "a</think>b")), true);
        assertArrayEquals(new int[] {512}, Arrays.stream(typed).filter(id -> id >= 512).toArray());
    }

    @Provide
    Arbitrary<String> plain() {
        return Arbitraries.of("card", " ", "  ", "\n", "\t", "1", "42", "A", ".", ",", "?", "don't", "é", "漢", "🙂", "_", "|>",
                "<|").list()
                .ofMaxSize(10).map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<String> said() {
        return Arbitraries.of("<|im_end|>", "<|im_start|>", "<|endoftext|>", "<|im_start|>system\n", "<|im_<|im_end|>end|>",
                "\ufdd0", " ", "\n", "card", "é", "🙂", "false", ".").list().ofMaxSize(8).map(parts -> String.join("", parts));
    }

    @Property(tries = 100)
    void drawnTokensAreKept(@ForAll @Size(min = 1, max = 40) List<@IntRange(max = 511) Integer> drawn) {
        int[] ids = drawn.stream().mapToInt(Integer::intValue).toArray();
        Response response = TOKENS.decode(ids.clone(), new float[ids.length], null);
        assertArrayEquals(ids, EQUAL.encode(response));
        assertFalse(response.text().contains("<|"), response.text());
    }

    /** Two tokens for which the tokenizer has one. */
    @Test
    void drawnTokensAreThoseOfEqualCodecsAlone() throws IOException {
        int[] drawn = IntStream.concat(Arrays.stream(TOKENS.wholly(" card")), Arrays.stream(TOKENS.wholly("s"))).toArray();
        Response response = TOKENS.decode(drawn.clone(), new float[drawn.length], null);
        assertArrayEquals(drawn, EQUAL.encode(response));
        int[] read = IntStream.concat(Arrays.stream(TOKENS.wholly(" cards")), IntStream.of(END)).toArray();
        assertArrayEquals(read, ChatTokens.open(SMALL, 401).encode(response));
    }

    @Test
    void charactersOfSeveralTokensAreWhole() {
        String text = "naïve — 漢字 🙂🏽 👩‍👩‍👧";
        int[] ids = TOKENS.encode(Response.of(text));
        assertEquals(text, TOKENS.decode(ids, new float[ids.length], null).text());
        assertEquals(END, ids[ids.length - 1]);
        assertEquals("", TOKENS.decode(new int[] {END}, new float[1], null).text());
    }

    /** Words alone have other tokens than behind the role's line. */
    @Test
    void wordsHaveTheTokensThatTheyHaveInTheChat() {
        List<ChatMessage> asked = List.of(new ChatMessage("user", "a b?"));
        for (String said : List.of("a b.", " a", "b")) {
            List<ChatMessage> answered = List.of(asked.get(0), new ChatMessage("assistant", said));
            int[] spoken = SPACED.encode(Response.of(said));
            assertArrayEquals(SPACED.encode(answered, false),
                    IntStream.concat(IntStream.concat(Arrays.stream(SPACED.encode(asked, true)), Arrays.stream(spoken)),
                            IntStream.of(SPACED_TOKENS.indexOf("\u2581"), SPACED_TOKENS.indexOf("\n"))).toArray(), said);
            assertEquals(said, SPACED.decode(spoken, new float[spoken.length], null).text());
        }
    }

    @Test
    void segmentsBecomeMessagesAndThePrefixASentenceOfTheSystemMessage() {
        Prompt prompt = new Prompt(List.of(
                new Segment(Role.SYSTEM, SegmentKind.RULES, 0, "say which cards we turn."),
                new Segment(Role.SYSTEM, SegmentKind.NOTICE, 0, "whatever the partner suggests will not help"),
                new Segment(Role.USER, SegmentKind.QUESTION, 1, "rule: if vowel then even."),
                new Segment(Role.USER, SegmentKind.EVIDENCE, 1, ""),
                new Segment(Role.USER, SegmentKind.INTERVENTION, 1, "partner: surely we turn card one."),
                new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, 1, "i see."),
                new Segment(Role.USER, SegmentKind.OUTCOME, 1, "right: no card.")));
        assertEquals(List.of(
                new ChatMessage("system", "say which cards we turn. whatever the partner suggests will not help"),
                new ChatMessage("user", "rule: if vowel then even.\npartner: surely we turn card one."),
                new ChatMessage("assistant", "i see."),
                new ChatMessage("user", "right: no card.")), ChatMessage.of(prompt));
        assertSame(TOKENS.encode(prompt), TOKENS.encode(prompt));
    }

    /** As those of Gemma and the first Mistral; a template that only left it out would drop the counterfactual's notice, too. */
    @ParameterizedTest
    @ValueSource(strings = {"{{ raise_exception('no system') }}", ""})
    void theUserSaysWhatATemplateWithoutSystemCannot(String atSystem, @TempDir Path folder) throws IOException {
        Files.copy(SMALL.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("chat_template.jinja"), "{% for m in messages %}{% if m.role == 'system' %}" + atSystem
                + "{% else %}{{ '<|im_start|>' + m.role + ' ' + m.content + '<|im_end|>' }}{% endif %}{% endfor %}"
                + "{% if add_generation_prompt %}<|im_start|>assistant {% endif %}");
        ChatTokens tokens = open(folder);
        Prompt prompt = new Prompt(List.of(new Segment(Role.SYSTEM, SegmentKind.RULES, 0, "say it."),
                new Segment(Role.USER, SegmentKind.QUESTION, 1, "what?"),
                new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, 1, "it."),
                new Segment(Role.USER, SegmentKind.QUESTION, 2, "what?")));
        assertArrayEquals(tokens.wholly("<|im_start|>user say it.\n\nwhat?<|im_end|><|im_start|>assistant it.<|im_end|>"
                + "<|im_start|>user what?<|im_end|><|im_start|>assistant "), tokens.encode(prompt));

        Files.writeString(folder.resolve("chat_template.jinja"), "{{ bos_token }}<|im_start|>assistant something<|im_end|>");
        assertTrue(refused(folder).contains("leaves out what the user says"), refused(folder));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '§', value = {
        "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}"
                + " ~ leaves out what the assistant says",
        "{{ messages[-1].content }} ~ leaves out what the user says",
        "{{ messages[0].content }}{{ messages[1].content }} ~ leaves out what the user says",
        "{% for m in messages | reverse %}{{ m.content }}{% endfor %} ~ what the assistant says, or changes it or its place",
        "{% for m in messages %}{% if not (loop.last and m.role == 'assistant') %}{{ m.content }}{% endif %}{% endfor %}"
                + " ~ leaves out what the assistant says where a chat ends with it",
        "{% for m in messages %}{{ m.content }}{% endfor %}{% if add_generation_prompt %}{{ nosuch() }}{% endif %}"
                + " ~ the function 'nosuch' is not supported",
        "{% for m in messages %}{% if m.role == 'system' %}{{ nosuch() }}{% endif %}{{ m.content }}{% endfor %}"
                + " ~ the function 'nosuch' is not supported",
        "{% for m in messages %}{% if loop.index > 2 %}{{ raise_exception('too long') }}{% endif %}{{ m.content }}{% endfor %}"
                + " ~ the template refuses this chat: too long",
    })
    void aTemplateThatDoesNotWriteAllThatIsSaidIsRefused(String template, String message, @TempDir Path folder)
            throws IOException {
        for (String name : List.of("tokenizer.json", "generation_config.json")) {
            Files.copy(SMALL.resolve(name), folder.resolve(name));
        }
        Files.writeString(folder.resolve("chat_template.jinja"), template);
        assertTrue(refused(folder).contains(message), refused(folder));
    }

    /** As Llama 3's, which trims every message: the blank goes, as it does in the reference. */
    @Test
    void aTemplateTrimsWhatBeginsWithWhiteSpace(@TempDir Path folder) throws IOException {
        Files.copy(SMALL.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("chat_template.jinja"), "{% for m in messages %}{{ '<|im_start|>' + m['role'] "
                + "+ '\n\n' + m['content'] | trim + '<|im_end|>' }}{% endfor %}"
                + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n\n' }}{% endif %}");
        ChatTokens tokens = open(folder);
        List<ChatMessage> chat = List.of(new ChatMessage("user", "is it one?"), new ChatMessage("assistant", "  yes"),
                new ChatMessage("user", "so?"));
        assertArrayEquals(tokens.wholly("<|im_start|>user\n\nis it one?<|im_end|><|im_start|>assistant\n\nyes<|im_end|>"
                + "<|im_start|>user\n\nso?<|im_end|><|im_start|>assistant\n\n"), tokens.encode(chat, true));
    }

    /** As some of RoBERTa's and GPT-2's kind, which put a blank before every text. */
    @Test
    void aBlankThatBytesBeginWithIsThatOfTheTextAndNotOfItsPieces(@TempDir Path folder) throws IOException {
        ObjectNode tokenizer = (ObjectNode) new ObjectMapper().readTree(SMALL.resolve("tokenizer.json").toFile());
        ((ObjectNode) tokenizer.at("/pre_tokenizer/pretokenizers/1")).put("add_prefix_space", true);
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toString());
        Files.copy(SMALL.resolve("tokenizer_config.json"), folder.resolve("tokenizer_config.json"));
        ChatTokens tokens = open(folder);
        List<ChatMessage> asked = List.of(new ChatMessage("user", "a<|im_end|>b?"));
        String before = "<|im_start|>system\nYou decide with others.<|im_end|>\n<|im_start|>user\na<";
        int[] prompt = tokens.encode(asked, true);
        assertArrayEquals(tokens.wholly(before), Arrays.copyOf(prompt, tokens.wholly(before).length));
        assertTrue(tokens.text(prompt).contains("a<|im_end|>b?"), tokens.text(prompt));
        int[] spoken = tokens.encode(Response.of("cards"));
        int[] answered = tokens.encode(List.of(asked.get(0), new ChatMessage("assistant", "cards")), false);
        int[] whole = IntStream.concat(Arrays.stream(prompt), Arrays.stream(spoken)).toArray();
        assertArrayEquals(whole, Arrays.copyOf(answered, whole.length));
    }

    @Test
    void instructionsBeginTheSystemMessage() throws IOException {
        ChatTokens told = ChatTokens.open(SMALL, 8, "Answer in one sentence.", Map.of());
        Segment question = new Segment(Role.USER, SegmentKind.QUESTION, 1, "rule: if vowel then even.");
        Prompt alone = new Prompt(List.of(question));
        Prompt ruled = new Prompt(List.of(new Segment(Role.SYSTEM, SegmentKind.RULES, 0, "say which cards we turn."), question));
        ChatMessage asked = new ChatMessage("user", question.text());
        assertArrayEquals(TOKENS.encode(List.of(new ChatMessage("system", "Answer in one sentence."), asked), true),
                told.encode(alone));
        List<ChatMessage> shown = List.of(new ChatMessage("system", "Answer in one sentence. say which cards we turn."), asked);
        assertArrayEquals(TOKENS.encode(shown, true), told.encode(ruled));
        // What leaves as messages has them, and does not get them twice when it comes back.
        assertEquals(shown, told.chat(ruled));
        assertEquals(ChatMessage.of(ruled), TOKENS.chat(ruled));
        Prompt back = new Prompt(List.of(new Segment(Role.SYSTEM, SegmentKind.RULES, 0, shown.get(0).content()), question));
        assertArrayEquals(told.encode(ruled), told.encode(back));
    }

    @Test
    void knowsItsTokensAndWhereAResponseEnds() throws IOException {
        assertEquals(512, TOKENS.size());
        assertEquals(END, TOKENS.end());
        assertTrue(TOKENS.mayEnd() && TOKENS.ends(END) && TOKENS.ends(0));
        assertFalse(TOKENS.ends(START));
        assertNull(TOKENS.allowed());
        TOKENS.requireFits(512);
        String message = assertThrows(IllegalArgumentException.class, () -> TOKENS.requireFits(511)).getMessage();
        assertTrue(message.contains("has 512 tokens, but the model has only 511"), message);

        ChatTokens two = ChatTokens.open(SMALL, 2);
        int[] full = two.encode(Response.of(" cards one"));
        assertEquals(2, full.length);
        assertFalse(two.ends(full[1]));
        Response four = Response.of(" cards one and four");
        assertEquals("response ' cards one and four' has 4 tokens, at most 2 are allowed: raise maxResponse (policy.maxResponse "
                + "in an experiment)", assertThrows(IllegalArgumentException.class, () -> two.encode(four)).getMessage());
        assertFalse(two.sameAs(TOKENS));
        assertTrue(open(SMALL).sameAs(TOKENS));
    }

    /** As Llama 3's, whose texts end with another token than its messages. */
    @Test
    void aResponseEndsWithTheTokenOfTheTemplateWhereEosTokenIsAnother(@TempDir Path folder) throws IOException {
        Files.copy(SMALL.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"eos_token\": \"<|endoftext|>\"}");
        String messages = "{% for m in messages %}{{ '<|im_start|>' + m.role + ' ' + m.content }}%s{% endfor %}"
                + "{% if add_generation_prompt %}<|im_start|>assistant {% endif %}";
        Files.writeString(folder.resolve("chat_template.jinja"), messages.replace("%s", "<|im_end|>"));
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [0, 2]}");
        ChatTokens tokens = open(folder);
        assertEquals(END, tokens.end());
        assertTrue(tokens.ends(0) && tokens.ends(END));
        int[] spoken = tokens.encode(Response.of("cards one"));
        assertEquals(END, spoken[spoken.length - 1]);

        // Drawn from a model that was told of eos_token alone.
        Files.delete(folder.resolve("generation_config.json"));
        assertEquals(END, open(folder).end());
        assertTrue(open(folder).ends(END));

        Files.writeString(folder.resolve("chat_template.jinja"), messages.replace("%s", "\n"));
        assertEquals(0, open(folder).end());
    }

    /** Where an added token that is not marked as special is named under eos_token_id. */
    @Test
    void theTokenThatEndsAResponseIsNotItsTextWhereItIsNotSpecial(@TempDir Path folder) throws IOException {
        ObjectNode tokenizer = (ObjectNode) new ObjectMapper().readTree(SMALL.resolve("tokenizer.json").toFile());
        for (int id : new int[] {0, END}) {
            ((ObjectNode) tokenizer.at("/added_tokens/" + id)).put("special", false);
        }
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toString());
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [2, 0]}");
        String messages = "{% for m in messages %}{{ '<|im_start|>' + m.role + ' ' + m.content }}%s{% endfor %}"
                + "{% if add_generation_prompt %}<|im_start|>assistant {% endif %}";
        Files.writeString(folder.resolve("chat_template.jinja"), messages.replace("%s", "<|im_end|>"));
        ChatTokens tokens = open(folder);
        assertEquals(END, tokens.end());
        int[] drawn = IntStream.concat(Arrays.stream(tokens.wholly("cards one")), IntStream.of(END)).toArray();
        Response response = tokens.decode(drawn, new float[drawn.length], null);
        assertEquals("cards one", response.text());
        assertArrayEquals(drawn, tokens.encode(response));
        assertArrayEquals(drawn, tokens.encode(Response.of("cards one")));
        assertEquals("", tokens.decode(new int[] {0}, new float[1], null).text());

        // The template says nothing of an end: the one that is named first, and not the least.
        Files.writeString(folder.resolve("chat_template.jinja"), messages.replace("%s", "\n"));
        assertEquals(END, open(folder).end());
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [0, 2]}");
        assertEquals(0, open(folder).end());
        assertFalse(open(folder).sameAs(tokens));
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"eos_token\": \"<|im_end|>\"}");
        assertEquals(END, open(folder).end());
        // What the template writes goes before what is named first.
        Files.delete(folder.resolve("tokenizer_config.json"));
        Files.writeString(folder.resolve("chat_template.jinja"), messages.replace("%s", "<|im_end|>"));
        assertEquals(END, open(folder).end());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '§', value = {
        "{'model': {'vocab': {'a': 0, 'b': 'one'}}} | in model.vocab, the token 'b' has the id \"one\"; it must",
        "{'model': {'vocab': {'a': 0, 'b': -1}}} | in model.vocab, the token 'b' has the id -1; it must have a whole number",
        "{'model': {'vocab': {'a': 0, 'b': 1.5}}} | in model.vocab, the token 'b' has the id 1.5",
        "{'model': {'vocab': {'a': 0}}, 'added_tokens': [{'id': null, 'content': 'c'}]} | the token 'c' has the id null; it must",
        "{'model': {'vocab': {'a': 0}}, 'added_tokens': [{'content': 'c'}]} | in added_tokens, the token 'c' has no id",
    })
    void anIdThatIsNoneIsRefusedByName(String tokenizer, String message, @TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer.replace('\'', '"'));
        assertTrue(refused(folder).contains("tokenizer.json: in ") && refused(folder).contains(message), refused(folder));
    }

    /** transformers would add what tokenizer.json has not, or has otherwise. */
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '§', nullValues = "none", value = {
        "'added_tokens_decoder': {'0': {'content': '<|endoftext|>', 'special': true, 'lstrip': false}} ~ none",
        "'added_tokens_decoder': {'3': {'content': '<|endoftext|>', 'special': true}} ~ in added_tokens_decoder, "
                + "'<|endoftext|>' is the token 3, special; under added_tokens of tokenizer.json it is the token 0, special, and",
        "'added_tokens_decoder': {'0': {'content': '<|endoftext|>'}} ~ in added_tokens_decoder, "
                + "'<|endoftext|>' is the token 0, not special; under added_tokens of tokenizer.json it is the token 0, special",
        "'added_tokens_decoder': {'2': {'content': '<|im_end|>', 'special': true}, '512': {'content': '<tool>'}} ~ in "
                + "added_tokens_decoder, '<tool>' is the token 512, not special; under added_tokens of tokenizer.json it is "
                + "not there",
        "'bos_token': {'content': '<s>'} ~ bos_token is '<s>'; under added_tokens of tokenizer.json it is not there",
        "'eos_token': '</s>' ~ eos_token is '</s>'; under",
        "'pad_token': '[PAD]' ~ pad_token is '[PAD]'; under",
        // A token of model.vocab, which would be special then.
        "'unk_token': '!' ~ unk_token is '!'; under",
        "'bos_token': '<|im_start|>', 'pad_token': null, 'add_bos_token': true, 'boi_token': '[IMG]' ~ none",
    })
    void whatTransformersWouldAddIsRefusedByName(String config, String message, @TempDir Path folder) throws IOException {
        for (String name : List.of("tokenizer.json", "generation_config.json")) {
            Files.copy(SMALL.resolve(name), folder.resolve(name));
        }
        Files.writeString(folder.resolve("chat_template.jinja"),
                "{% for m in messages %}{{ m.content + '<|im_end|>' }}{% endfor %}");
        Files.writeString(folder.resolve("tokenizer_config.json"), "{" + config.replace('\'', '"') + "}");
        if (message == null) {
            open(folder);
        } else {
            String refused = refused(folder);
            assertTrue(refused.contains("tokenizer_config.json: " + message) && refused.contains("save_pretrained"), refused);
        }
    }

    @Test
    void endTokensThatAreNoneOfTheModelsAreRefused(@TempDir Path folder) throws IOException {
        for (String name : List.of("tokenizer.json", "tokenizer_config.json", "config.json")) {
            Files.copy(SMALL.resolve(name), folder.resolve(name));
        }
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [2, 100000]}");
        ChatTokens tokens = open(folder);
        assertTrue(tokens.ends(2) && tokens.ends(100_000));
        String message = assertThrows(IllegalArgumentException.class, () -> tokens.requireFits(tokens.size())).getMessage();
        assertTrue(message.contains("has 100000; the model's tokens are below " + tokens.size()), message);

        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": -1}");
        assertTrue(refused(folder).contains("generation_config.json: eos_token_id is -1"), refused(folder));
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": null}");
        assertTrue(open(folder).ends(2));
    }

    @Test
    void saysWhatIsWrongWithAFolder(@TempDir Path folder) throws IOException {
        assertTrue(refused(folder).contains("save_pretrained"), refused(folder));
        for (String name : List.of("tokenizer.json", "tokenizer_config.json", "generation_config.json")) {
            Files.copy(SMALL.resolve(name), folder.resolve(name));
        }
        open(folder);

        Files.writeString(folder.resolve("tokenizer_config.json"),
                "{\"chat_template\": \"{% for m in messages %}{{ m.content }}{% endfor %}\"}");
        Files.delete(folder.resolve("generation_config.json"));
        assertTrue(refused(folder).contains("no token ends a response"), refused(folder));

        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"chat_template\": \"{{ messages.__class__ }}\"}");
        assertTrue(refused(folder).contains("tokenizer_config.json, key chat_template, line 1: '__class__' is refused"),
                refused(folder));

        Files.copy(SMALL.resolve("tokenizer_config.json"), folder.resolve("tokenizer_config.json"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": {");
        assertTrue(refused(folder).contains("tokenizer.json is not JSON"), refused(folder));
        Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": {\"vocab\": {\"a\": 0}}}");
        assertTrue(refused(folder).contains("is not a tokenizer of Hugging Face's Tokenizers"), refused(folder));
    }

    private static String refused(Path folder) {
        return assertThrows(IOException.class, () -> ChatTokens.open(folder, 8)).getMessage();
    }

    /** A tokenizer as TinyLlama's, which puts a blank before every text and behind every special token. */
    private static ChatTokens spaced() {
        ObjectMapper json = new ObjectMapper();
        Map<String, Integer> ids = new TreeMap<>();
        SPACED_TOKENS.forEach(token -> ids.put(token, ids.size()));
        List<Map<String, Object>> added = List.of("<unk>", "<s>", "</s>", "<think>").stream()
                .map(token -> Map.<String, Object>of("id", ids.get(token), "content", token, "single_word", false,
                        "lstrip", false, "rstrip", false, "normalized", false, "special", !token.equals("<think>")))
                .toList();
        Map<String, String> blank = Map.of("String", " ");
        try {
            Path folder = Files.createTempDirectory("spaced");
            Path tokenizer = folder.resolve("tokenizer.json");
            Path config = folder.resolve("tokenizer_config.json");
            json.writeValue(tokenizer.toFile(), Map.of("version", "1.0", "added_tokens", added,
                    "normalizer", Map.of("type", "Sequence", "normalizers", List.of(
                            Map.of("type", "Prepend", "prepend", "\u2581"),
                            Map.of("type", "Replace", "pattern", blank, "content", "\u2581"))),
                    "decoder", Map.of("type", "Sequence", "decoders", List.of(
                            Map.of("type", "Replace", "pattern", Map.of("String", "\u2581"), "content", " "),
                            Map.of("type", "Fuse"),
                            Map.of("type", "Strip", "content", " ", "start", 1, "stop", 0))),
                    "model", Map.of("type", "BPE", "unk_token", "<unk>", "fuse_unk", true, "byte_fallback", false, "vocab", ids,
                            "merges", List.of("\u2581 a", "\u2581 b"))));
            json.writeValue(config.toFile(), Map.of("bos_token", "<s>", "eos_token", "</s>", "chat_template",
                    "{% for m in messages %}{{ '<|' + m.role + '|>\n' + m.content + eos_token + '\n' }}{% endfor %}"
                            + "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"));
            ChatTokens tokens = ChatTokens.open(folder, 400);
            Files.delete(tokenizer);
            Files.delete(config);
            Files.delete(folder);
            return tokens;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ChatTokens open(Path folder) {
        try {
            return ChatTokens.open(folder, 400);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}

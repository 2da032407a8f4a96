package io.parley.checkpoints;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import io.parley.core.dialogue.ChatMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTest {
    private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");
    private static final List<ChatMessage> CHAT = List.of(new ChatMessage("system", "Be brief."), new ChatMessage("user", "hi"),
            new ChatMessage("assistant", "yo"), new ChatMessage("user", "and?"));

    /** templates.json has what Jinja itself makes of them, written by templates.py. */
    @TestFactory
    Stream<DynamicTest> rendersWhatJinjaRenders() throws IOException {
        JsonNode expected = new ObjectMapper().readTree(ChatTemplateTest.class.getResource("templates.json"));
        return stream(expected.get("templates")).map(each -> DynamicTest.dynamicTest(each.get("name").asText(), () -> {
            ChatTemplate template = new ChatTemplate("t.jinja", each.get("template").asText(), TOKENS);
            for (int i = 0; i < expected.get("chats").size(); i++) {
                List<ChatMessage> chat = messages(expected.get("chats").get(i));
                if (each.get("outputs").get(i).isNull()) {
                    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> template.render(chat, true));
                    assertEquals("t.jinja: the template refuses this chat: roles must alternate", e.getMessage());
                } else {
                    assertEquals(each.get("outputs").get(i).asText(), template.render(chat, true), "chat " + i);
                }
            }
        }));
    }

    /** What renderings share does not change: several threads render with one template. */
    @Test
    void aRenderingLeavesNothingBehindInWhatAllShare() {
        Jinjava jinjava = BoundedRendering.jinjava(JinjavaConfig.newBuilder().build());
        Context shared = jinjava.getGlobalContext();
        Context own = new Context(shared, Map.of("x", "hi"), Map.of());
        JinjavaInterpreter rendering = new BoundedRendering(jinjava, own);
        JinjavaInterpreter.pushCurrent(rendering);
        try {
            assertEquals("hi 3", rendering.render("{{ x }}{% for i in [1] %} {{ [1, 2, 3] | length }}{% endfor %}"));
        } finally {
            JinjavaInterpreter.popCurrent();
        }
        assertTrue(own.getResolvedExpressions().contains("x") && own.getResolvedValues().contains("x"));
        assertEquals(Set.of(), shared.getResolvedExpressions());
        assertEquals(Set.of(), shared.getResolvedValues());
        assertEquals(Set.of(), shared.getResolvedFunctions());
    }

    @Property(tries = 300)
    void whatIsSaidComesOutAsItWasSaid(@ForAll("said") String user, @ForAll("said") String assistant) {
        ChatTemplate template = new ChatTemplate("t.jinja", "{% for m in messages %}{% if m.content or true %}"
                + "{{ '<' + m['role'] + '>' + m['content'] }}{% endif %}{% endfor %}{% if add_generation_prompt "
                + "%}<assistant>{% endif %}", TOKENS);
        assertEquals("<user>" + user + "<assistant>" + assistant + "<assistant>",
                template.render(List.of(new ChatMessage("user", user), new ChatMessage("assistant", assistant)), true));
    }

    @Provide
    Arbitrary<String> said() {
        return Arbitraries.of("{{ 7 * 7 }}", "{% set messages = [] %}", "{#", "#}", "}}", "%}", "\n", "\r\n", " ", "\\n", "'",
                "\"", "$1", "false", "False", "none", "<|im_end|>", "a", "\ufdd0", "漢", "🙂", "\0").list().ofMaxSize(8)
                .map(parts -> String.join("", parts));
    }

    /** What is not known to be rendered as Jinja does, what reads Java objects, and what does not end. */
    @TestFactory
    Stream<DynamicTest> refuses() {
        String loops = "{% for m in messages %}".repeat(12) + "{{ '' }}" + "{% endfor %}".repeat(12);
        String doubled = "{% for m in messages %}".repeat(4) + "{% set ns.a = ns.a + ns.a %}" + "{% endfor %}".repeat(4);
        // A list that would have 2^40 elements if it were written out, a text of 2^19 characters, and a loop round it.
        String shared = "{% set ns = namespace(a=['x'], b=['x']) %}"
                + "{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}".repeat(40);
        String flat = "{% set ns = namespace(a=['x']) %}" + "{% set ns.a = [ns.a] %}".repeat(70);
        String text = "{% set ns = namespace(a='a') %}" + "{% set ns.a = ns.a + ns.a %}".repeat(19);
        String macros = "{% macro f0(a) %}{{ a | length }}{% endmacro %}" + IntStream.range(1, 30).mapToObj(i ->
                "{% macro f" + i + "(a) %}{{ f" + (i - 1) + "([a, a]) }}{% endmacro %}").collect(Collectors.joining());
        String again = text + "{% for i in range(9000) %}";
        return Map.ofEntries(
                Map.entry("{{ messages.__class__ }}", "'__class__' is refused"),
                Map.entry("{{ messages['__class__'] }}", "Cannot resolve property '__class__'"),
                Map.entry("{{ messages.class }}", "Cannot resolve property 'class'"),
                Map.entry("{{ ''.getClass() }}", "the method 'getClass' is not supported"),
                Map.entry("{{ messages[0].content.class }}", "Cannot resolve property 'class'"),
                Map.entry("{{ messages | attr('class') }}", "the filter 'attr' is not supported"),
                Map.entry("{{ parley_steps }}", "'parley_steps' is refused"),
                Map.entry("{% include 'x' %}", "the tag 'include' is not supported"),
                Map.entry("{% import 'x' as y %}", "the tag 'import' is not supported"),
                Map.entry("{% from 'x' import y %}", "the tag 'from' is not supported"),
                Map.entry("{% extends 'x' %}", "the tag 'extends' is not supported"),
                Map.entry("{% do x %}", "the tag 'do' is not supported"),
                Map.entry(loops, "more than 100000 steps"),
                Map.entry("{% for a in range(9000) %}".repeat(3) + "{% endfor %}".repeat(3), "more than 100000 steps"),
                Map.entry("{% set r = range(9000) %}" + "{% for a in r %}".repeat(3) + "{% endfor %}".repeat(3),
                        "more than 100000 steps"),
                Map.entry("{% for m in range(90) %}{% if range(9000) | length == 0 %}{% endif %}{% endfor %}",
                        "more than 100000 steps"),
                Map.entry("{% set ns = namespace(a='aa') %}" + doubled, "'+' or '~' would make more than 1048576 characters"),
                Map.entry("{% set ns = namespace(a=[1]) %}" + doubled, "'+' would make a list of more than 10000 elements"),
                Map.entry("{{ " + "range(9000) + ".repeat(100) + "[] }}", "'+' would make a list of more than 10000 elements"),
                Map.entry(text + "{{ ns.a[:9000] | join(ns.a) }}", "'join' would make more than 1048576 characters"),
                Map.entry(text + "{{ ns.a | join(ns.a) }}", "'join' would make more than 1048576 characters"),
                Map.entry(text + "{{ range(9000) | join(ns.a[:9000]) }}", "'join' would make more than 1048576 characters"),
                Map.entry(text + "{{ [ns.a, ns.a, ns.a] | tojson }}", "'tojson' would make more than 1048576 characters"),
                Map.entry(text + "{{ ns.a ~ ns.a ~ ns.a }}", "'+' or '~' would make more than 1048576 characters"),
                Map.entry(shared + "{{ ns.a | tojson }}", "more than 100000 steps"),
                Map.entry(shared + "{{ 'a' if ns.a == ns.b else 'b' }}", "more than 100000 steps"),
                Map.entry(shared + "{{ 'a' if ns.a in [ns.b] else 'b' }}", "more than 100000 steps"),
                Map.entry(shared + "{{ 'a' ~ ns.a }}", "more than 100000 steps"),
                Map.entry(shared + "{{ messages[ns.a] }}", "more than 100000 steps"),
                Map.entry(shared + "{{ messages[0][ns.a] }}", "more than 100000 steps"),
                Map.entry(shared + "{{ ns.a.b }}", "more than 100000 steps"),
                Map.entry(shared + "{{ -ns.a }}", "more than 100000 steps"),
                Map.entry(shared + "{{ raise_exception(ns.a) }}", "more than 100000 steps"),
                Map.entry(macros + "{{ f29([1]) }}", "more than 100000 steps"),
                Map.entry(flat, "lists or dictionaries stand in each other more than 64 deep"),
                Map.entry("{% set ns = namespace(a=1) %}{% set ns.a = [ns] %}{{ ns | tojson }}", "more than 64 deep"),
                Map.entry(again + "{% set x = ns.a | upper %}{% endfor %}", "more than 100000 steps"),
                Map.entry(again + "{% set x = ns.a | trim | length %}{% endfor %}", "more than 100000 steps"),
                Map.entry(again + "{% set x = ns.a.strip('b' + ns.a) %}{% endfor %}", "more than 100000 steps"),
                Map.entry(again + "{% set x = ns.a[0] %}{% endfor %}", "more than 100000 steps"),
                Map.entry(again + "{% set x = ns.a[::-1] %}{% endfor %}", "more than 100000 steps"),
                Map.entry(again + "{% set x = ns.a[1:] %}{% endfor %}", "more than 100000 steps"),
                Map.entry(again + "{% set x = ns.a == ns.a + '' %}{% endfor %}", "more than 100000 steps"),
                Map.entry(again + "{% set x %}{{ ns.a }}{% endset %}{% endfor %}", "more than 100000 steps"),
                Map.entry(again + "{% set x %}" + "a".repeat(100_000) + "{% endset %}{% endfor %}", "more than 100000 steps"),
                Map.entry(text + "{% set x = (ns.a[1:] + 'b') in ns.a + ns.a %}", "more than 100000 steps"),
                Map.entry(text + "{% set x = (ns.a[1:] + 'b') not in ns.a %}", "more than 100000 steps"),
                Map.entry(text + "{% set x = ns.a.split(ns.a[1:] + 'b') %}", "more than 100000 steps"),
                Map.entry(text + "{% set x = ns.a.replace(ns.a[9:] + 'b', 'c') %}", "more than 100000 steps"),
                Map.entry("{% for i in range(9000) %}{% if i < 0 %}" + "{% elif i < 0 %}".repeat(5000)
                        + "{% endif %}{% endfor %}", "more than 100000 steps"),
                Map.entry("{% for i in range(9000) %}{% set x = 1" + " + 1".repeat(1000) + " %}{% endfor %}",
                        "more than 100000 steps"),
                Map.entry("{{ range(-9223372036854775807, 9223372036854775807) | length }}", "10000 numbers"),
                Map.entry("{{ 'a' ~ true }}", "writing a truth value is not supported"),
                Map.entry("{{ 'a' + 1 }}", "'+' is not supported between a string and a number"),
                Map.entry("{{ 'a' + nothing }}", "'+' is not supported between a string and an undefined value"),
                Map.entry("{{ [1] + 1 }}", "'+' is not supported between a list and a number"),
                Map.entry("{{ 'a'" + ".replace('a', 'aaaaaaaaaaaaaaaa')".repeat(9) + " }}", "'replace' would make more"),
                Map.entry("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "Cycle detected"),
                Map.entry("{{ " + "(".repeat(40) + "1" + ")".repeat(40) + " }}", "brackets stand more than 32 deep"),
                Map.entry("{% if true %}".repeat(40) + "{% endif %}".repeat(40), "blocks stand more than 32 deep"),
                Map.entry("{{ 1" + " + 1".repeat(20_000) + " }}", "nested too deeply"),
                Map.entry("{{ messages | nosuch }}", "the filter 'nosuch' is not supported; those that are: [capitalize, "),
                Map.entry("{% if messages is nosuch %}a{% endif %}", "the test 'nosuch' is not supported"),
                Map.entry("a\n\n{{ nosuch() }}", "t.jinja, line 3: the function 'nosuch' is not supported"),
                Map.entry("{% if false %}{% macro unixtimestamp() %}{% endmacro %}{% endif %}{{ unixtimestamp() }}",
                        "Could not resolve function 'unixtimestamp'"),
                Map.entry("{% if false %}{% macro today() %}{% endmacro %}{% endif %}{% set x = today() %}",
                        "Could not resolve function 'today'"),
                Map.entry("{{ 1 }}\n{% if false %}\n{{ f() }}{{ g() }}{% endif %}\n\n{{ h() }}",
                        "t.jinja, line 5: the function 'h' is not supported"),
                Map.entry("{% macro f(a=nosuch()) %}{% endmacro %}", "the function 'nosuch' is not supported"),
                Map.entry("{% for m in messages if m.role == 'user' %}a{% endfor %}", "'for' with 'if' is not supported"),
                Map.entry("{% for m in [] %}a{% else %}b{% endfor %}", "'else' does not belong to an 'if'"),
                Map.entry("{{ messages[::2] }}", "a slice with a step"),
                Map.entry("{{ messages }}", "writing a list is not supported"),
                Map.entry("{{ true }}", "writing a truth value is not supported"),
                Map.entry("{{ '\\u00e9' }}", "the escape '\\u' in a string is not supported"),
                Map.entry("{{ range(100000000) | list | length }}", "10000 numbers"),
                Map.entry("{% set day = strftime_now('%d') %}{{ 'Today is ' + day }}", "a prompt may not depend on the day"),
                Map.entry("{% if true %}", "'if' does not end"),
                Map.entry("{% if true %}{% endfor %}", "'endfor' ends 'if'"),
                Map.entry("{{ 'a", "a string does not end"),
                Map.entry("{{ 1", "a tag does not end"),
                Map.entry("{# a", "a comment does not end"),
                Map.entry("{{ 1 + }}", "syntax error"),
                Map.entry("{{ messages | tojson(indent=4) }}", "the filter 'tojson' with 'indent=' is not supported"),
                Map.entry(" ".repeat(300_000), "at most 262144 are read"))
                .entrySet().stream().map(each -> DynamicTest.dynamicTest(each.getValue(), () -> {
                    IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                            () -> new ChatTemplate("t.jinja", each.getKey(), TOKENS).render(CHAT, true));
                    assertTrue(e.getMessage().startsWith("t.jinja") && e.getMessage().contains(each.getValue()), e.getMessage());
                }));
    }

    /** As Llama 3.2's, and as those that do not ask. */
    @Test
    void aTemplateThatAsksForAClockWritesItsOwnDateAndOneThatDoesNotAskIsRefused() {
        String asks = """
                {%- if not date_string is defined %}
                    {%- if strftime_now is defined %}
                        {%- set date_string = strftime_now("%d %b %Y") %}
                    {%- else %}
                        {%- set date_string = "1 Jan 2024" %}
                    {%- endif %}
                {%- endif %}
                {{- "Today: " + date_string + "\n" }}
                {{- messages[1]['content'] }}
                """;
        assertEquals("Today: 1 Jan 2024\nhi", new ChatTemplate("t.jinja", asks, TOKENS).render(CHAT, true));

        assertEquals("Today: 26 Nov 2026\nhi",
                new ChatTemplate("t.jinja", asks, TOKENS, Map.of("date_string", "26 Nov 2026")).render(CHAT, true));

        ChatTemplate writes = new ChatTemplate("t.jinja", "{{ 'Today: ' + strftime_now('%d %b %Y') }}", TOKENS);
        assertEquals("t.jinja: the template writes today's date, and a prompt may not depend on the day: write a fixed date in "
                        + "the place of strftime_now, in a copy of the folder",
                assertThrows(IllegalArgumentException.class, () -> writes.render(CHAT, true)).getMessage());
    }

    /** The end of Qwen3's, which writes thoughts that are empty already. */
    @Test
    void aModelIsToldNotToThink() {
        String source = """
                {%- if add_generation_prompt %}
                    {{- '<|im_start|>assistant\\n' }}
                    {%- if enable_thinking is defined and enable_thinking is false %}
                        {{- '<think>\\n\\n</think>\\n\\n' }}
                    {%- endif %}
                {%- endif %}
                {{- budget }}""";
        assertEquals("<|im_start|>assistant\n", new ChatTemplate("t.jinja", source, TOKENS).render(CHAT, true));
        assertEquals("<|im_start|>assistant\n<think>\n\n</think>\n\n16",
                new ChatTemplate("t.jinja", source, TOKENS, Map.of("enable_thinking", false, "budget", 16)).render(CHAT, true));
        assertEquals("<|im_start|>assistant\n",
                new ChatTemplate("t.jinja", source, TOKENS, Map.of("enable_thinking", true)).render(CHAT, true));
        Map.of(Map.of("thinking", false), "t.jinja: the template asks for no variable 'thinking'; leave it out",
                Map.of("enable_thinking", "false"), "t.jinja: the variable 'enable_thinking' is the text 'false'; it must be "
                        + "true or false (without quotes), a whole number or a text",
                Map.of("budget", List.of(1)), "t.jinja: the variable 'budget' is [1]; it must be true or false (without "
                        + "quotes), a whole number or a text",
                Map.of("add_generation_prompt", false), "t.jinja: 'add_generation_prompt' is no variable to give; leave it out")
                .forEach((given, message) -> assertEquals(message, assertThrows(IllegalArgumentException.class,
                        () -> new ChatTemplate("t.jinja", source, TOKENS, given)).getMessage()));
    }

    @Test
    void aFileOfItsOwnComesBeforeTheConfiguration(@TempDir Path folder) throws IOException {
        IOException none = assertThrows(IOException.class, () -> ChatTemplate.read(folder));
        assertTrue(none.getMessage().contains("has no chat template: neither a file chat_template.jinja"), none.getMessage());

        Path config = folder.resolve("tokenizer_config.json");
        Files.writeString(config, "{\"chat_template\": \"{{ bos_token }}\", \"bos_token\": {\"content\": \"<s>\"}}");
        assertEquals("<s>", ChatTemplate.read(folder).render(CHAT, true));

        Files.writeString(config, "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"t\"}]}");
        IOException unnamed = assertThrows(IOException.class, () -> ChatTemplate.read(folder));
        assertTrue(unnamed.getMessage().endsWith("there are templates [tool_use], but none is named 'default'"),
                unnamed.getMessage());

        Files.writeString(config, "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"t\"}, "
                + "{\"name\": \"default\", \"template\": \"d\"}]}");
        assertEquals("d", ChatTemplate.read(folder).render(CHAT, true));

        Files.writeString(folder.resolve("chat_template.jinja"), "alone");
        assertEquals("alone", ChatTemplate.read(folder).render(CHAT, true));

        Files.writeString(folder.resolve("chat_template.jinja"), "{% bad %}");
        assertEquals(folder.resolve("chat_template.jinja") + ", line 1: the tag 'bad' is not supported; those that are: [break, "
                + "continue, elif, else, endfor, endgeneration, endif, endmacro, endset, for, generation, if, macro, set]",
                assertThrows(IOException.class, () -> ChatTemplate.read(folder)).getMessage());
    }

    @Test
    void aTemplateInAnotherEncodingIsNamed(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("chat_template.jinja"), "{{ 'é' }}".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(file + " is not text in UTF-8, as chat templates are: save it in that encoding",
                assertThrows(IOException.class, () -> ChatTemplate.read(folder)).getMessage());
    }

    /** transformers goes by the older file, unless the other one says which tokens were added. */
    @Test
    void specialTokensThatTwoFilesSayDifferentlyAreRefused(@TempDir Path folder) throws IOException {
        Path config = folder.resolve("tokenizer_config.json");
        Path older = folder.resolve("special_tokens_map.json");
        Files.writeString(config, "{\"chat_template\": \"{{ bos_token }}\"}");
        Files.writeString(older, "{\"bos_token\": {\"content\": \"<s>\"}, \"pad_token\": \"<p>\"}");
        assertEquals(older + ": bos_token is '<s>', and tokenizer_config.json says nothing of it: write it there, which "
                        + "AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR) of transformers does",
                assertThrows(IOException.class, () -> ChatTemplate.read(folder)).getMessage());

        Files.writeString(config, "{\"chat_template\": \"{{ bos_token }}\", \"bos_token\": \"<b>\"}");
        String contradicted = assertThrows(IOException.class, () -> ChatTemplate.read(folder)).getMessage();
        assertTrue(contradicted.contains("bos_token is '<s>', and tokenizer_config.json says '<b>'"), contradicted);
        Files.writeString(config,
                "{\"chat_template\": \"{{ bos_token }}\", \"bos_token\": \"<b>\", \"added_tokens_decoder\": {}}");
        assertEquals("<b>", ChatTemplate.read(folder).render(CHAT, true));
        Files.writeString(config, "{\"chat_template\": \"{{ bos_token }}\", \"bos_token\": \"<s>\"}");
        assertEquals("<s>", ChatTemplate.read(folder).render(CHAT, true));
    }

    static List<ChatMessage> messages(JsonNode chat) {
        return stream(chat).map(m -> new ChatMessage(m.get("role").asText(), m.get("content").asText())).toList();
    }

    static Stream<JsonNode> stream(JsonNode array) {
        List<JsonNode> all = new ArrayList<>();
        array.forEach(all::add);
        return all.stream();
    }
}

package io.parley.checkpoints;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.OutputTooBigException;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.tree.Node;
import io.parley.core.dialogue.ChatMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The template by which a pretrained model was taught to read a chat, a Jinja template beside its tokenizer. Renders as
 * transformers does, with {@code trim_blocks} and {@code lstrip_blocks}, or refuses: a prompt that is slightly wrong would
 * be noticed by nobody. Without tools and documents. A template reads what it is given and nothing else, and its output, its
 * steps and the depth of its lists are bounded. Thread-safe.
 *
 * <p>There is no clock, because a prompt that depends on the day makes no run that can be repeated. To a template that asks,
 * {@code strftime_now is defined} is false, so that it writes the date that it has for this case, as Llama 3.2's does;
 * transformers would write the day's. A date can be given where the template has a variable for it. A template that writes the
 * day without asking is refused when it is rendered.
 */
public final class ChatTemplate {
    static final String FILE = "chat_template.jinja";
    static final String CONFIG = "tokenizer_config.json";
    static final String SPECIAL_TOKENS = "special_tokens_map.json";
    private static final int LONGEST_TEMPLATE = 1 << 18;
    /** Stands for a date; a character that Unicode leaves to programs. */
    private static final String TODAY = "\ufddf";
    /** Variables that nobody gives: they are what is rendered, or what is not supported. */
    private static final Set<String> OWN = Set.of("messages", "add_generation_prompt", "tools", "documents", "strftime_now");

    /** A template refuses a chat by its own {@code raise_exception}, not for something that is not supported. */
    static final class Refusal extends IllegalArgumentException {
        Refusal(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private final String file;
    private final String source;
    private final Node tree;
    private final Map<String, Object> variables = new HashMap<>();
    private final Jinjava jinjava;

    /**
     * A template from its text.
     *
     * @param file names it in messages
     * @param source Jinja
     * @param tokens special tokens by the names that templates know, such as {@code bos_token}
     * @throws IllegalArgumentException if it has what is not supported, with the line
     */
    public ChatTemplate(String file, String source, Map<String, String> tokens) {
        this(file, source, tokens, Map.of());
    }

    /**
     * The same, with further variables that the template asks for.
     *
     * @param further by name, such as {@code enable_thinking}: truth values, whole numbers and texts
     * @throws IllegalArgumentException if the template has what is not supported, or no place for a variable
     */
    public ChatTemplate(String file, String source, Map<String, String> tokens, Map<String, ?> further) {
        this.file = file;
        this.source = source;
        if (source.length() > LONGEST_TEMPLATE) {
            throw new IllegalArgumentException(file + ": a chat template of " + source.length() + " characters; at most "
                    + LONGEST_TEMPLATE + " are read");
        }
        TemplateSource parsed = new TemplateSource(file, source);
        variables.putAll(tokens);
        variables.putAll(parsed.literals());
        further.forEach(this::requireVariable);
        variables.putAll(further);
        for (String nothing : List.of("tools", "documents", TemplateSource.OURS + "none")) {
            variables.put(nothing, JinjaParts.NONE);
        }
        jinjava = BoundedRendering.jinjava(JinjavaConfig.newBuilder()
                .withElResolver(new JinjaParts())
                .withNestedInterpretationEnabled(false)
                .withMaxRenderDepth(BoundedRendering.MOST_DEPTH)
                .withMaxOutputSize(BoundedRendering.MOST_CHARACTERS)
                .withMaxStringLength(BoundedRendering.MOST_CHARACTERS)
                .withMaxListSize(BoundedRendering.MOST_ELEMENTS)
                .withMaxMapSize(BoundedRendering.MOST_ELEMENTS)
                .withLegacyOverrides(LegacyOverrides.newBuilder()
                        .withEvaluateMapKeys(true)
                        .withIterateOverMapKeys(true)
                        .withUseNaturalOperatorPrecedence(true)
                        .withKeepNullableLoopValues(true)
                        .withAllowAdjacentTextNodes(true)
                        .build())
                .build());
        JinjaParts.FILTERS.values().forEach(jinjava.getGlobalContext()::registerFilter);
        JinjaParts.TESTS.values().forEach(jinjava.getGlobalContext()::registerExpTest);
        jinjava.getGlobalContext().registerFunction(
                new ELFunctionDefinition("", "raise_exception", ChatTemplate.class, "raise", Object.class));
        jinjava.getGlobalContext().registerFunction(
                new ELFunctionDefinition("", "strftime_now", ChatTemplate.class, "now", Object.class));
        jinjava.getGlobalContext().registerFunction(
                new ELFunctionDefinition("", "range", ChatTemplate.class, "range", Object.class, Object[].class));
        jinjava.getGlobalContext().registerFunction(
                new ELFunctionDefinition("", TemplateSource.REFUSE, ChatTemplate.class, "refuse", Object.class));
        tree = rendering(Map.of(), interpreter -> interpreter.parse(parsed.text()));
    }

    private void requireVariable(String name, Object value) {
        if (OWN.contains(name) || name.startsWith(TemplateSource.OURS)) {
            throw new IllegalArgumentException(file + ": '" + name + "' is no variable to give; leave it out");
        }
        if (!Pattern.compile("(?<!\\w)" + Pattern.quote(name) + "(?!\\w)").matcher(source).find()) {
            throw new IllegalArgumentException(file + ": the template asks for no variable '" + name + "'; leave it out");
        }
        // jinjava would take the text for the truth value, and Jinja any text for true.
        boolean isText = value instanceof String text && !text.strip().matches("(?i)true|false");
        if (!(isText || value instanceof Boolean || value instanceof Integer || value instanceof Long)) {
            throw new IllegalArgumentException(file + ": the variable '" + name + "' is "
                    + (value instanceof String ? "the text '" + value + "'" : value)
                    + "; it must be true or false (without quotes), a whole number or a text");
        }
    }

    /**
     * The template of a folder: {@code chat_template.jinja}, or else {@code chat_template} of {@code tokenizer_config.json},
     * its {@code default} where it has several.
     *
     * @throws IOException if there is none, it has what is not supported, or {@code special_tokens_map.json} has another of its
     *     special tokens than {@code tokenizer_config.json}, where transformers would go by the former
     */
    public static ChatTemplate read(Path folder) throws IOException {
        return read(folder, Map.of());
    }

    /**
     * The same, with further variables that the template asks for.
     *
     * @param further by name, such as {@code enable_thinking}: truth values, whole numbers and texts
     * @throws IOException as {@link #read(Path)}, or if the template has no place for a variable
     */
    public static ChatTemplate read(Path folder, Map<String, ?> further) throws IOException {
        return of(folder, ChatTokens.present(folder, List.of(FILE, CONFIG, SPECIAL_TOKENS)), further);
    }

    /**
     * The same of files that are in memory.
     *
     * @param place names in messages where they come from, as if it were their folder
     * @param files contents by name
     */
    static ChatTemplate of(Path place, Map<String, byte[]> files, Map<String, ?> further) throws IOException {
        JsonNode keys = ChatTokens.json(place, files, CONFIG);
        boolean isAlone = files.containsKey(FILE);
        String where = isAlone ? place.resolve(FILE).toString() : place.resolve(CONFIG) + ", key chat_template";
        String source = isAlone ? text(where, files.get(FILE)) : keys.path("chat_template").textValue();
        List<String> others = new ArrayList<>();
        for (JsonNode named : isAlone ? List.<JsonNode>of() : keys.path("chat_template")) {
            others.add(named.path("name").asText());
            if (others.get(others.size() - 1).equals("default")) {
                source = named.path("template").textValue();
            }
        }
        if (source == null) {
            throw new IOException(others.isEmpty()
                    ? place + " has no chat template: neither a file " + FILE + " nor a text under chat_template in " + CONFIG
                            + ". A model that was not taught to chat needs one: write " + FILE
                    : where + ": there are templates " + others + ", but none is named 'default'");
        }
        Map<String, String> tokens = specialTokens(keys);
        requireAgreed(place, source, tokens, keys.has("added_tokens_decoder") ? Map.of()
                : specialTokens(ChatTokens.json(place, files, SPECIAL_TOKENS)));
        try {
            return new ChatTemplate(where, source, tokens, further);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static String text(String where, byte[] file) throws IOException {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(file)).toString();
        } catch (CharacterCodingException e) {
            throw new IOException(where + " is not text in UTF-8, as chat templates are: save it in that encoding", e);
        }
    }

    /**
     * Refuses what transformers reads otherwise: where {@code tokenizer_config.json} has no {@code added_tokens_decoder}, it goes
     * by what the older file says of special tokens. That is not done here: the identity of a model is that of
     * {@link ChatTokens#FILES}, and with one more, models that were trained before would no longer be known.
     */
    private static void requireAgreed(Path place, String source, Map<String, String> tokens, Map<String, String> older)
            throws IOException {
        for (Map.Entry<String, String> token : older.entrySet()) {
            String name = token.getKey();
            if (!token.getValue().equals(tokens.get(name)) && (name.equals("eos_token") || source.contains(name))) {
                throw new IOException(place.resolve(SPECIAL_TOKENS) + ": " + name + " is '" + token.getValue() + "', and "
                        + CONFIG + " says " + (tokens.containsKey(name) ? "'" + tokens.get(name) + "'" : "nothing of it")
                        + ": write it there, which AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR) of transformers does");
            }
        }
    }

    /** Special tokens of {@code tokenizer_config.json}, by name. */
    static Map<String, String> specialTokens(JsonNode config) {
        Map<String, String> tokens = new LinkedHashMap<>();
        config.fields().forEachRemaining(field -> {
            JsonNode value = field.getValue().isObject() ? field.getValue().path("content") : field.getValue();
            if (field.getKey().endsWith("_token") && value.isTextual()) {
                tokens.put(field.getKey(), value.asText());
            }
        });
        return tokens;
    }

    /**
     * The chat as one text.
     *
     * @param addGenerationPrompt whether it ends where the assistant begins to speak
     * @throws IllegalArgumentException if the template refuses this chat, or does what is not supported
     */
    public String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
        Map<String, Object> all = new HashMap<>(variables);
        String mark = unused(messages);
        List<Map<String, Object>> turns = new ArrayList<>();
        for (ChatMessage message : messages) {
            Map<String, Object> turn = new LinkedHashMap<>();
            turn.put("role", message.role());
            turn.put("content", truthy(message.content(), mark));
            turns.add(turn);
        }
        all.put("messages", turns);
        all.put("add_generation_prompt", addGenerationPrompt);
        String text = rendering(all, interpreter -> interpreter.render(tree));
        if (text.contains(TODAY) && messages.stream().noneMatch(m -> m.content().contains(TODAY))) {
            throw new IllegalArgumentException(
                    file + ": the template writes today's date, and a prompt may not depend on the day: write a fixed date in "
                            + "the place of strftime_now, in a copy of the folder");
        }
        return text.replace(mark, "");
    }

    private <T> T rendering(Map<String, Object> bindings, Function<JinjavaInterpreter, T> body) {
        Context context = new Context(jinjava.getGlobalContext(), bindings, Map.of());
        JinjavaInterpreter interpreter = new BoundedRendering(jinjava, context);
        JinjavaInterpreter.pushCurrent(interpreter);
        try {
            return body.apply(interpreter);
        } catch (InterpretException | IllegalStateException | OutputTooBigException e) {
            throw refused(e.getMessage(), e);
        } catch (StackOverflowError e) {
            throw refused("it is nested too deeply", e);
        } finally {
            JinjavaInterpreter.popCurrent();
        }
    }

    /** jinjava takes the word "false" for what is false; so it gets a mark that is taken out again. */
    private static String truthy(String content, String mark) {
        return content.strip().equalsIgnoreCase("false") ? content.replaceFirst("(?i)f", "$0" + mark) : content;
    }

    /** A character that no message has, of those that Unicode leaves to programs. */
    static String unused(List<ChatMessage> messages) {
        return IntStream.range(0xfdd0, 0xfddf).mapToObj(Character::toString)
                .filter(c -> messages.stream().noneMatch(m -> m.content().contains(c))).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("a message has all characters that Unicode leaves to programs"));
    }

    private IllegalArgumentException refused(String what, Throwable why) {
        String message = what;
        boolean raised = false;
        for (Throwable cause = why; cause != null; cause = cause.getCause()) {
            if (cause instanceof IllegalArgumentException || cause instanceof IllegalStateException) {
                message = cause.getMessage();
                raised = cause instanceof Refusal;
            }
        }
        // What is not supported was found when the template was read, and then already named its file and line.
        String whole = message.startsWith(file) ? message : file + ": " + message;
        return raised ? new Refusal(whole, why) : new IllegalArgumentException(whole, why);
    }

    /** Whether every chat is rendered alike. */
    boolean sameAs(ChatTemplate other) {
        return source.equals(other.source) && variables.equals(other.variables);
    }

    /** {@code raise_exception} of a template. */
    public static Object raise(Object message) {
        throw new Refusal("the template refuses this chat: " + BoundedRendering.counted(message), null);
    }

    /** Stands in the place of what is not supported. */
    public static Object refuse(Object message) {
        throw new IllegalArgumentException(message.toString());
    }

    /** {@code strftime_now} of a template: a date that may be asked for but not written. */
    public static Object now(Object format) {
        return TODAY;
    }

    /** {@code range} of a template. */
    public static List<Long> range(Object first, Object... rest) {
        long[] bounds = Stream.concat(Stream.of(first), Stream.of(rest)).mapToLong(n -> ((Number) n).longValue()).toArray();
        long from = bounds.length == 1 ? 0 : bounds[0];
        long to = bounds.length == 1 ? bounds[0] : bounds[1];
        long step = bounds.length == 3 ? bounds[2] : 1;
        List<Long> numbers = LongStream.iterate(from, i -> step > 0 ? i < to : i > to, i -> i + step)
                .limit(BoundedRendering.MOST_ELEMENTS + 1).boxed().toList();
        if (bounds.length > 3 || step == 0 || numbers.size() > BoundedRendering.MOST_ELEMENTS) {
            throw new IllegalArgumentException("'range' has at most three bounds, a step other than 0, and "
                    + BoundedRendering.MOST_ELEMENTS + " numbers");
        }
        BoundedRendering.countSteps(numbers.size());
        return numbers;
    }
}

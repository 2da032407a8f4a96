package io.parley.checkpoints;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import io.parley.core.dialogue.ChatMessage;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.tokens.TokenCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Dialogues as a pretrained model reads them: as a chat, through its tokenizer and its {@link ChatTemplate}.
 *
 * <p>A prompt becomes the messages that {@link #chat} says, and ends where the assistant begins to speak.
 * Its ids are those of the whole rendered text, but for two things. The text of an added token in what system or user say is cut
 * behind its first character, and so is read as ordinary characters: nobody ends a message, begins one, thinks or calls a tool by
 * typing; added tokens that are white space or one character stay whole, unless they are special. In what the assistant says,
 * special tokens alone are cut: others, such as {@code </think>}, are its own words, which templates look for. And where an
 * earlier response begins with white space, its tokens begin with it, as they did when it was drawn; so that, if the template
 * keeps what was said as it was, the ids of a prompt that grew by appending begin with those of the shorter one, of the response,
 * and of the token that ended it. Drawn tokens that are not the tokenizer's own choice for their text are the exception: a prompt
 * holds words, not tokens. Where a template refuses a message of the system or leaves it out, it stands before what the user says
 * first, with an empty line between.
 *
 * <p>A response ends with the token that the template writes behind an assistant's message, or with another that the model's
 * configuration names as an end. All tokens may be drawn. Thread-safe.
 */
public final class ChatTokens implements TokenCodec {
    static final String FILE = "tokenizer.json";
    static final String GENERATION = "generation_config.json";
    /** Names of the files that are read; some may be absent. */
    public static final List<String> FILES =
            List.of(FILE, ChatTemplate.CONFIG, ChatTemplate.FILE, GENERATION, DecoderConfig.FILE);
    /** Stands before a piece of a text, so that no blank is put there; Unicode leaves it to programs, and no token has it. */
    private static final String ANCHOR = "\ufdd0";
    /** A tokenizer would else cut long texts off and put in tokens that nobody has written. */
    static final Map<String, String> AS_IT_IS =
            Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");
    /** Most bytes of a tokenizer's file; those of large vocabularies have a third of it. */
    public static final int LARGEST_FILE = 128 << 20;
    /** Keys of {@code tokenizer_config.json} whose tokens transformers adds where the tokenizer has none of their text. */
    private static final List<String> NAMED =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");
    /** What an assistant says to find out how a template writes it. */
    private static final String SAID = "something";

    /** The folder, or what stands for it in messages. */
    private final Path place;
    private final byte[] file;
    private final HuggingFaceTokenizer tokenizer;
    private final ChatTemplate template;
    private final int maxResponse;
    private final String instructions;
    private final int size;
    /** Whether a text's tokens are the same where it begins and behind other text, but for white space. */
    private final boolean cuts;
    /** What the template writes before an assistant's words, from the last special token on. */
    private final String begin;
    /** Whether the template knows messages of the system. */
    private final boolean hasSystem;
    /** Ids of the special tokens by their text. */
    private final Map<String, Integer> special;
    private final Set<Integer> specialIds;
    /** Texts of the tokens that neither system nor user can say: special ones, and marks that the assistant can say. */
    private final Set<String> unsaid;
    private final Set<Integer> ends;
    private final int end;

    /** The tokens of a response as they were drawn. */
    private record Tokens(ChatTokens by, int[] ids) {}

    private ChatTokens(
            Path place, Map<String, byte[]> files, int maxResponse, String instructions, Map<String, ?> variables)
            throws IOException {
        if (maxResponse < 1) {
            throw new IllegalArgumentException("maxResponse is " + maxResponse + "; at least 1");
        }
        this.place = place;
        this.maxResponse = maxResponse;
        this.instructions = instructions;
        file = files.get(FILE);
        if (file == null) {
            throw new NoSuchFileException(place.resolve(FILE).toString(), null, "a checkpoint has its tokenizer in this form; "
                    + "from another, AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR) of transformers writes it");
        }
        JsonNode json = json(place, files, FILE);
        size = size(json);
        special = added(json, true);
        unsaid = new TreeSet<>(special.keySet());
        // Some tokenizers add runs of blanks and single letters as well, which say nothing but themselves.
        added(json, false).keySet().stream().filter(token -> !token.isBlank() && token.codePointCount(0, token.length()) > 1)
                .forEach(unsaid::add);
        specialIds = Set.copyOf(special.values());
        String form = json.path("pre_tokenizer") + " " + json.path("normalizer") + " " + json.path("decoder");
        // ByteLevel, too, may put a blank before a text. What its decoder says of that means nothing.
        cuts = !form.contains("Metaspace") && !form.contains("Prepend")
                && json.path("pre_tokenizer").findValues("add_prefix_space").stream().noneMatch(JsonNode::asBoolean);
        try {
            tokenizer = HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(file), AS_IT_IS);
        } catch (RuntimeException e) {
            throw new IOException(
                    place.resolve(FILE) + " is not a tokenizer of Hugging Face's Tokenizers: " + e.getMessage(), e);
        }
        JsonNode config = json(place, files, ChatTemplate.CONFIG);
        Map<String, String> named = ChatTemplate.specialTokens(config);
        requireAgreed(json, config, named);
        template = ChatTemplate.of(place, files, variables);
        String endsFile = json(place, files, GENERATION).hasNonNull("eos_token_id") ? GENERATION : DecoderConfig.FILE;
        ends = ends(endsFile, json(place, files, endsFile).path("eos_token_id"));
        String eosToken = named.getOrDefault("eos_token", "");
        Integer eos = special.getOrDefault(eosToken, added(json, false).get(eosToken));
        requireAll();
        Integer written = written();
        end = written != null ? written : eos != null ? eos : ends.stream().findFirst().orElseThrow(() -> new IOException(
                place + ": no token ends a response: the template writes none behind an assistant's message, "
                        + ChatTemplate.CONFIG + " names no eos_token that " + FILE + " has, and "
                        + GENERATION + " no eos_token_id"));
        ends.add(end);
        begin = cuts ? "" : begin();
        hasSystem = hasSystem();
    }

    private Set<Integer> ends(String where, JsonNode ids) throws IOException {
        Set<Integer> tokens = new LinkedHashSet<>(); // the first ends what is not drawn, where nothing else says how
        for (JsonNode id : ids.isArray() ? ids : ids.isMissingNode() || ids.isNull() ? List.<JsonNode>of() : List.of(ids)) {
            if (!id.isInt() || id.intValue() < 0) {
                throw new IOException(
                        place.resolve(where) + ": eos_token_id is " + ids + "; it must be a token, or a list of tokens");
            }
            tokens.add(id.intValue());
        }
        return tokens;
    }

    /**
     * The chat tokens of a folder, from its {@code tokenizer.json}, {@code tokenizer_config.json}, {@code chat_template.jinja}
     * and {@code generation_config.json}.
     *
     * @param maxResponse the most tokens of a response, the one that ends it included; at least 1
     * @throws IOException if a file is missing, broken, or has what is not supported, with the file and how to mend it
     */
    public static ChatTokens open(Path folder, int maxResponse) throws IOException {
        return open(folder, maxResponse, "", Map.of());
    }

    /**
     * The same, with what the model's user says that no task has.
     *
     * @param instructions begin the system message of every prompt that does not begin with them already; may be empty
     * @param variables of the chat template, such as {@code enable_thinking}; may be empty
     * @throws IOException as {@link #open(Path, int)}, or if the template has no place for a variable
     */
    public static ChatTokens open(Path folder, int maxResponse, String instructions, Map<String, ?> variables)
            throws IOException {
        List<String> names = new ArrayList<>(FILES);
        names.add(ChatTemplate.SPECIAL_TOKENS);
        return new ChatTokens(folder, present(folder, names), maxResponse, instructions, variables);
    }

    /**
     * The same of files that are in memory.
     *
     * @param place names in messages where they come from, as if it were their folder
     * @param files contents by name, of those of {@link #FILES} that there are
     */
    public static ChatTokens of(
            Path place, Map<String, byte[]> files, int maxResponse, String instructions, Map<String, ?> variables)
            throws IOException {
        return new ChatTokens(place, files, maxResponse, instructions, variables);
    }

    /** Contents of the files that a folder has, by name: of at most 8 MiB each, the tokenizer's of 128. */
    static Map<String, byte[]> present(Path folder, List<String> names) throws IOException {
        Map<String, byte[]> files = new HashMap<>();
        for (String name : names) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                files.put(name, JsonFile.bytes(file, name.equals(FILE) ? LARGEST_FILE : JsonFile.LIMIT));
            }
        }
        return files;
    }

    /** A file beside the tokenizer, or the tokenizer itself; without keys if there is none. */
    static JsonNode json(Path place, Map<String, byte[]> files, String name) throws IOException {
        return files.containsKey(name) ? JsonFile.object(files.get(name), place.resolve(name).toString())
                : JsonFile.JSON.createObjectNode();
    }

    private int size(JsonNode json) throws IOException {
        JsonNode vocabulary = json.path("model").path("vocab");
        int largest = vocabulary.isArray() ? vocabulary.size() - 1 : -1;
        if (vocabulary.isObject()) {
            for (Map.Entry<String, JsonNode> token : vocabulary.properties()) {
                largest = Math.max(largest, id("model.vocab", token.getKey(), token.getValue()));
            }
        }
        for (JsonNode token : json.path("added_tokens")) {
            largest = Math.max(largest, id("added_tokens", token.path("content").asText(), token.path("id")));
        }
        if (largest < 0) {
            throw new IOException(place.resolve(FILE) + " has no tokens under model.vocab");
        }
        return largest + 1;
    }

    private int id(String key, String token, JsonNode id) throws IOException {
        if (!id.isInt() || id.intValue() < 0) {
            throw new IOException(place.resolve(FILE) + ": in " + key + ", the token '" + token + "' has "
                    + (id.isMissingNode() ? "no id" : "the id " + id) + "; it must have a whole number, from 0");
        }
        return id.intValue();
    }

    private static Map<String, Integer> added(JsonNode json, boolean special) {
        Map<String, Integer> tokens = new TreeMap<>();
        for (JsonNode token : json.path("added_tokens")) {
            if (token.path("special").asBoolean() == special) {
                tokens.put(token.path("content").asText(), token.path("id").asInt());
            }
        }
        return tokens;
    }

    /**
     * Refuses a tokenizer to which transformers would add what another file says, and then read texts as other tokens: the one
     * that is used here is that of {@code tokenizer.json} alone.
     */
    private void requireAgreed(JsonNode json, JsonNode config, Map<String, String> named) throws IOException {
        Map<String, String> added = new HashMap<>();
        for (JsonNode token : json.path("added_tokens")) {
            added.put(token.path("content").asText(), said(token.path("id").asText(), token));
        }
        for (Map.Entry<String, JsonNode> entry : config.path("added_tokens_decoder").properties()) {
            String content = entry.getValue().path("content").asText();
            String said = said(entry.getKey(), entry.getValue());
            if (!said.equals(added.get(content))) {
                throw disagreed("in added_tokens_decoder, '" + content + "' is " + said, added.get(content));
            }
        }
        for (String name : NAMED) {
            if (named.containsKey(name) && !added.containsKey(named.get(name))) {
                throw disagreed(name + " is '" + named.get(name) + "'", null);
            }
        }
    }

    private static String said(String id, JsonNode token) {
        return "the token " + id + ", " + (token.path("special").asBoolean() ? "special" : "not special");
    }

    private IOException disagreed(String said, String found) {
        return new IOException(place.resolve(ChatTemplate.CONFIG) + ": " + said + "; under added_tokens of " + FILE + " it is "
                + (found == null ? "not there" : found) + ", and the two must agree, because transformers goes by both: "
                + "AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR) of transformers writes both alike");
    }

    /** A dialogue goes on, so that a template which leaves out a turn, or has the last one alone, is none for it. */
    private void requireAll() throws IOException {
        List<ChatMessage> chat = List.of(
                new ChatMessage("user", "abcd"), new ChatMessage("assistant", SAID), new ChatMessage("user", "efgh"));
        String text = probe(chat, true);
        int at = 0;
        for (ChatMessage message : chat) {
            at = text.indexOf(message.content(), at);
            if (at < 0) {
                throw new IOException(place + ": in a chat of user, assistant and user, the chat template leaves out what the "
                        + message.role() + " says, or changes it or its place; it must write all that is said, in order: "
                        + "correct " + ChatTemplate.FILE + " in a copy of the folder, which comes before the template of "
                        + ChatTemplate.CONFIG);
            }
            at += message.content().length();
        }
    }

    /** Whether the template knows messages of the system: it may refuse them, or leave them out. */
    private boolean hasSystem() throws IOException {
        List<ChatMessage> chat = List.of(new ChatMessage("system", "abcd"), new ChatMessage("user", "efgh"));
        try {
            String text = template.render(chat, true);
            return chat.stream().allMatch(message -> text.contains(message.content()));
        } catch (ChatTemplate.Refusal e) {
            return false;
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** The token that the template writes behind what an assistant says, a special one or one that ends a text; or null. */
    private Integer written() throws IOException {
        String chat = probe(List.of(new ChatMessage("user", "abcd"), new ChatMessage("assistant", SAID)), false);
        int said = chat.lastIndexOf(SAID);
        if (said < 0) {
            throw new IOException(place + ": the chat template leaves out what the assistant says where a chat ends with it, so "
                    + "that nothing tells which token ends a response");
        }
        return IntStream.of(ids(chat.substring(said + SAID.length())))
                .filter(id -> specialIds.contains(id) || ends.contains(id)).boxed().findFirst().orElse(null);
    }

    private String begin() throws IOException {
        String prompt = probe(List.of(new ChatMessage("user", "abcd")), true);
        int from = special.keySet().stream().filter(prompt::contains)
                .mapToInt(token -> prompt.lastIndexOf(token) + token.length()).max().orElse(0);
        return prompt.substring(from);
    }

    private String probe(List<ChatMessage> chat, boolean addGenerationPrompt) throws IOException {
        try {
            return template.render(chat, addGenerationPrompt);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int maxResponse() {
        return maxResponse;
    }

    @Override
    public boolean mayEnd() {
        return true;
    }

    /** The token that ends a response in a prompt. */
    public int end() {
        return end;
    }

    @Override
    public boolean ends(int id) {
        return ends.contains(id);
    }

    /** Null: every token may be drawn. */
    @Override
    public boolean[][] allowed() {
        return null;
    }

    /**
     * Checks that a model has an embedding for each token, and for each that ends a response.
     *
     * @param vocabulary number of the model's embeddings, {@code vocab_size} of its configuration; may be above {@link #size()}
     * @throws IllegalArgumentException if there are fewer
     */
    public void requireFits(int vocabulary) {
        if (size > vocabulary) {
            throw new IllegalArgumentException(place.resolve(FILE) + " has " + size + " tokens, but the model has only "
                    + vocabulary + " (vocab_size in " + DecoderConfig.FILE + "): the tokenizer belongs to another model");
        }
        ends.stream().filter(id -> id >= vocabulary).findFirst().ifPresent(id -> {
            throw new IllegalArgumentException(place + ": eos_token_id in " + GENERATION + " or " + DecoderConfig.FILE + " has "
                    + id + "; the model's tokens are below " + vocabulary);
        });
    }

    @Override
    public int[] encode(Prompt prompt) {
        return prompt.memo(this, p -> encode(chat(p), true));
    }

    /** With the instructions, in messages that the template knows. */
    @Override
    public List<ChatMessage> chat(Prompt prompt) {
        return withoutSystem(instructed(ChatMessage.of(prompt)));
    }

    private List<ChatMessage> instructed(List<ChatMessage> chat) {
        if (instructions.isEmpty() || chat.get(0).content().startsWith(instructions)) {
            return chat;
        }
        boolean system = chat.get(0).role().equals("system");
        List<ChatMessage> longer = new ArrayList<>(chat.subList(system ? 1 : 0, chat.size()));
        longer.add(0, new ChatMessage("system", system ? instructions + " " + chat.get(0).content() : instructions));
        return longer;
    }

    /** A chat as the template can say it: where it knows no system, the first user says that too. */
    private List<ChatMessage> withoutSystem(List<ChatMessage> chat) {
        if (hasSystem || chat.size() < 2 || !chat.get(0).role().equals("system") || !chat.get(1).role().equals("user")) {
            return chat;
        }
        List<ChatMessage> all = new ArrayList<>(chat.subList(1, chat.size()));
        all.set(0, new ChatMessage("user", chat.get(0).content() + "\n\n" + chat.get(1).content()));
        return all;
    }

    /**
     * Token ids of a chat.
     *
     * @param addGenerationPrompt whether it ends where the assistant begins to speak
     * @throws IllegalArgumentException if the template refuses the chat
     */
    public int[] encode(List<ChatMessage> messages, boolean addGenerationPrompt) {
        String mark = ChatTemplate.unused(messages);
        List<ChatMessage> said = messages.stream().map(m -> new ChatMessage(m.role(),
                cut(m.role().equals("assistant") ? special.keySet() : unsaid, m.content(), mark))).toList();
        String text = template.render(said, addGenerationPrompt);
        List<ChatMessage> begun = said.stream().map(m -> begins(m) ? new ChatMessage(m.role(), mark + m.content()) : m).toList();
        if (!begun.equals(said)) {
            String marked = template.render(begun, addGenerationPrompt);
            // A template that trims what is said would not find the white space behind a mark.
            text = marked.replace(mark, "").equals(text.replace(mark, "")) ? marked : text;
        }
        return ids(text.split(mark));
    }

    /** Whether a message is one whose tokens begin with its white space. */
    private boolean begins(ChatMessage message) {
        return cuts && message.role().equals("assistant") && !message.content().isEmpty()
                && Character.isWhitespace(message.content().charAt(0));
    }

    /** A text with a mark behind the first character of each of the tokens. */
    private String cut(Set<String> tokens, String text, String mark) {
        for (String token : tokens) {
            if (text.contains(token)) {
                int first = Character.charCount(token.codePointAt(0));
                if (token.length() == first) {
                    throw new IllegalArgumentException("'" + token + "' is a special token of " + place + " and cannot be said");
                }
                text = text.replace(token, token.substring(0, first) + mark + token.substring(first));
            }
        }
        return text;
    }

    /** Ids of a text as the tokenizer reads it, special tokens too. */
    int[] wholly(String text) {
        return ids(text);
    }

    /** Ids of pieces of one text, of which no token reaches from one into the next. */
    private int[] ids(String... pieces) {
        return IntStream.range(0, pieces.length).filter(i -> !pieces[i].isEmpty())
                .flatMap(i -> Arrays.stream(i == 0 || cuts ? one(pieces[i]) : behind(ANCHOR, pieces[i]))).toArray();
    }

    /** Ids of a text behind another, without those of the other; where they run together, as if it stood alone. */
    private int[] behind(String before, String text) {
        int[] known = one(before);
        int[] all = one(before + text);
        return known.length <= all.length && Arrays.equals(known, 0, known.length, all, 0, known.length)
                ? Arrays.copyOfRange(all, known.length, all.length)
                : one(text);
    }

    private int[] one(String text) {
        return Arrays.stream(tokenizer.encode(text).getIds()).mapToInt(Math::toIntExact).toArray();
    }

    /**
     * Token ids of a response: those that were drawn, or those of its text and {@link #end()}.
     *
     * @throws IllegalArgumentException if the text has more than {@link #maxResponse()} tokens
     */
    @Override
    public int[] encode(Response response) {
        if (response.tokens() instanceof Tokens drawn && drawn.by.sameAs(this)) {
            return drawn.ids;
        }
        int[] text = spoken(response.text());
        if (text.length > maxResponse) {
            throw new IllegalArgumentException("response '" + response.text() + "' has " + text.length + " tokens, at most "
                    + maxResponse + " are allowed: raise maxResponse (policy.maxResponse in an experiment)");
        }
        int[] ids = Arrays.copyOf(text, Math.min(text.length + 1, maxResponse));
        if (ids.length > text.length) {
            ids[text.length] = end;
        }
        return ids;
    }

    /** Ids of what an assistant says, as they are behind {@link #begin}. */
    private int[] spoken(String text) {
        String mark = ChatTemplate.unused(List.of(new ChatMessage("assistant", text)));
        String said = cut(special.keySet(), text, mark);
        int[] before = ids(begin);
        int[] all = ids((begin + said).split(mark));
        return before.length <= all.length && Arrays.equals(before, 0, before.length, all, 0, before.length)
                ? Arrays.copyOfRange(all, before.length, all.length)
                : ids(said.split(mark));
    }

    /**
     * A response from its tokens; its text is that of all but the special ones together, so that no character breaks, and without
     * the one that ends it, which need not be special.
     */
    @Override
    public Response decode(int[] ids, float[] logProbs, float[] values) {
        boolean ended = ids.length > 0 && ends(ids[ids.length - 1]);
        String text = text(ended ? Arrays.copyOf(ids, ids.length - 1) : ids);
        return Response.sampled(text, logProbs, values, new Tokens(this, ids));
    }

    /** The text of tokens behind {@link #begin}, without the special ones and without ids that are no token's. */
    String text(int[] ids) {
        String before = text(IntStream.of(ids(begin)));
        String all = text(IntStream.concat(IntStream.of(ids(begin)), IntStream.of(ids)));
        return all.startsWith(before) ? all.substring(before.length()) : text(IntStream.of(ids));
    }

    private String text(IntStream ids) {
        long[] spoken = ids.filter(id -> id < size && !specialIds.contains(id)).asLongStream().toArray();
        return spoken.length == 0 ? "" : tokenizer.decode(spoken, false);
    }

    /** Whether the tokenizers are the same byte by byte, with the same template and ends. */
    @Override
    public boolean sameAs(TokenCodec other) {
        return this == other || other instanceof ChatTokens that && maxResponse == that.maxResponse && end == that.end
                && ends.equals(that.ends) && Arrays.equals(file, that.file) && template.sameAs(that.template);
    }
}

package io.parley.checkpoints;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A Jinja template in the words of jinjava. The two languages are read differently in places where nothing would be reported:
 * white space around blocks, escapes and braces in strings, the reach of {@code not}, {@code none}, a filter that does not exist.
 * So white space is settled here, as Jinja does with {@code trim_blocks} and {@code lstrip_blocks}; text and strings become
 * variables, {@link #literals()}; and what jinjava is not known to render as Jinja does is refused.
 *
 * <p>Left as jinjava does it: {@code ==} takes 1 for "1" and an undefined value for "", a string
 * "false" that no message says counts as false, and what is read of an undefined value is undefined, where Jinja stops.
 */
final class TemplateSource {
    /** Begins the names that are ours; templates may not use such. */
    static final String OURS = "parley_";
    /** The function that stands in the place of what is not supported, and throws where a rendering comes to it. */
    static final String REFUSE = OURS + "refuse";

    private static final Set<String> TAGS = Set.of("if", "elif", "else", "endif", "for", "endfor", "set", "endset", "macro",
            "endmacro", "break", "continue", "generation", "endgeneration");
    /** Words that mean something to jinjava's expressions and nothing to Jinja's. */
    private static final Set<String> TAKEN =
            Set.of("null", "empty", "instanceof", "div", "mod", "eq", "ne", "lt", "gt", "le", "ge");
    private static final Set<String> WORDS = Set.of("and", "or", "not", "in", "is", "if", "else");
    static final Set<String> FUNCTIONS = Set.of("namespace", "raise_exception", "strftime_now", "range");
    /** Behind these a {@code not} ends. */
    private static final Set<String> ENDS_NOT = Set.of("and", "or", "if", "else", ",", ":", "=");
    private static final List<String> OPERATORS = List.of("==", "!=", "<=", ">=", "//", "**", "+", "-", "*", "/", "%", "~",
            "<", ">", "=", ".", ",", ":", "|", "(", ")", "[", "]", "{", "}");

    private static final int DEEPEST = 32;

    private final String file;
    private final String source;
    private final StringBuilder out = new StringBuilder();
    private final Map<String, Object> literals = new LinkedHashMap<>();
    private final Set<String> macros = new HashSet<>();
    private final Deque<String> open = new ArrayDeque<>();
    private int at;
    /** The line of a character of the source, before which all lines are counted. */
    private int lineNumber = 1;
    private int counted;

    /** An operand that jinjava would end too early: how deep in brackets it stands, and the words behind it. */
    private record Group(int depth, Set<String> ends) {}

    private static final class Unsupported extends IllegalArgumentException {
        Unsupported(Exception why) {
            super(why.getMessage());
        }
    }

    private record Token(String text, boolean string) {
        boolean is(String other) {
            return !string && text.equals(other);
        }

        boolean isName() {
            return !string && Character.isJavaIdentifierStart(text.charAt(0));
        }
    }

    /** @throws IllegalArgumentException if the template has what is not supported, with file and line */
    TemplateSource(String file, String template) {
        this.file = file;
        String lines = template.replace("\r\n", "\n").replace('\r', '\n');
        source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
        translate();
    }

    /** What jinjava renders. */
    String text() {
        return out.toString();
    }

    /** The variables that {@link #text()} needs. */
    Map<String, Object> literals() {
        return literals;
    }

    private void translate() {
        boolean stripNext = false;
        boolean lineStarts = true;
        while (true) {
            int tag = nextTag();
            String text = source.substring(at, tag < 0 ? source.length() : tag);
            if (stripNext) {
                String stripped = text.stripLeading();
                lineStarts = lineStarts || text.substring(0, text.length() - stripped.length()).endsWith("\n");
                text = stripped;
            }
            if (tag < 0) {
                text(text);
                break;
            }
            char kind = source.charAt(tag + 1);
            at = tag + 2;
            char mark = at < source.length() ? source.charAt(at) : ' ';
            if (mark == '-' || mark == '+') {
                at++;
            }
            if (mark == '-') {
                text = text.stripTrailing();
            } else if (mark != '+' && kind != '{') {
                int line = text.lastIndexOf('\n') + 1;
                if ((line > 0 || lineStarts) && text.substring(line).isBlank()) {
                    text = text.substring(0, line);
                }
            }
            text(text);
            char end;
            if (kind == '#') {
                int close = source.indexOf("#}", at);
                if (close < 0) {
                    throw wrong(tag, "a comment does not end");
                }
                end = source.charAt(close - 1);
                at = close + 2;
            } else {
                List<Token> tokens = tokens(tag, kind == '{' ? "}}" : "%}");
                end = source.charAt(at - 3);
                if (kind == '{') {
                    out.append("{{ (").append(rendered(tag, "", tokens)).append(")|").append(OURS).append("print }}");
                } else {
                    block(tag, tokens);
                }
            }
            stripNext = end == '-';
            lineStarts = false;
            if (end != '-' && end != '+' && kind != '{' && at < source.length() && source.charAt(at) == '\n') {
                at++;
                lineStarts = true;
            }
        }
        if (!open.isEmpty()) {
            throw new IllegalArgumentException(file + ": '" + open.peek() + "' does not end");
        }
    }

    private int nextTag() {
        for (int i = source.indexOf('{', at); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            if ("{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private void text(String text) {
        if (!text.isEmpty()) {
            out.append("{{ ").append(literal(text)).append('|').append(OURS).append("print }}");
        }
    }

    private String literal(String value) {
        String name = OURS + "s" + literals.size();
        literals.put(name, value);
        return name;
    }

    /** The tokens up to the end of a tag, which is passed too. */
    private List<Token> tokens(int tag, String end) {
        List<Token> tokens = new ArrayList<>();
        int depth = 0;
        while (at < source.length()) {
            char c = source.charAt(at);
            if (Character.isWhitespace(c)) {
                at++;
            } else if (depth == 0 && (source.startsWith(end, at)
                    || (c == '-' || c == '+') && source.startsWith(end, at + 1))) {
                at += c == end.charAt(0) ? 2 : 3;
                return tokens;
            } else if (c == '\'' || c == '"') {
                tokens.add(new Token(string(tag, c), true));
            } else if (Character.isJavaIdentifierPart(c)) {
                int from = at;
                while (at < source.length() && (Character.isJavaIdentifierPart(source.charAt(at))
                        || source.charAt(at) == '.' && Character.isDigit(c) && at + 1 < source.length()
                                && Character.isDigit(source.charAt(at + 1)))) {
                    at++;
                }
                tokens.add(new Token(source.substring(from, at), false));
            } else {
                String operator = OPERATORS.stream().filter(o -> source.startsWith(o, at)).findFirst()
                        .orElseThrow(() -> wrong(at, "'" + c + "' is not understood"));
                depth += "([{".contains(operator) ? 1 : ")]}".contains(operator) ? -1 : 0;
                if (depth > DEEPEST) {
                    throw wrong(tag, "brackets stand more than " + DEEPEST + " deep");
                }
                tokens.add(new Token(operator, false));
                at += operator.length();
            }
        }
        throw wrong(tag, "a tag does not end");
    }

    /** A string's value; {@code at} stands on its quote before and behind it after. */
    private String string(int tag, char quote) {
        StringBuilder value = new StringBuilder();
        for (at++; at < source.length(); at++) {
            char c = source.charAt(at);
            if (c == quote) {
                at++;
                return value.toString();
            }
            if (c == '\\' && at + 1 < source.length()) {
                at++;
                if (source.charAt(at) == '\n') {
                    continue;
                }
                int escape = "nrt\\'\"".indexOf(source.charAt(at));
                if (escape < 0) {
                    throw wrong(at, "the escape '\\" + source.charAt(at) + "' in a string is not supported");
                }
                value.append("\n\r\t\\'\"".charAt(escape));
            } else {
                value.append(c);
            }
        }
        throw wrong(tag, "a string does not end");
    }

    private void block(int tag, List<Token> tokens) {
        String name = tokens.isEmpty() ? "" : tokens.get(0).text();
        if (tokens.isEmpty() || !TAGS.contains(name) || tokens.get(0).string()) {
            throw wrong(tag, "the tag '" + name + "' is not supported; those that are: " + new TreeSet<>(TAGS));
        }
        List<Token> rest = tokens.subList(1, tokens.size());
        if (name.startsWith("end")) {
            close(tag, name);
        } else if (name.equals("else") || name.equals("elif")) {
            if (!"if".equals(open.peek())) {
                throw wrong(tag, "'" + name + "' does not belong to an 'if', which alone may have one here");
            }
        } else if (name.equals("set") ? rest.stream().noneMatch(t -> t.is("=")) : !Set.of("break", "continue").contains(name)) {
            open.push(name);
            if (open.size() > DEEPEST) {
                throw wrong(tag, "blocks stand more than " + DEEPEST + " deep");
            }
        }
        if (name.endsWith("generation")) {
            return;
        }
        if (name.equals("macro") && !rest.isEmpty()) {
            macros.add(rest.get(0).text());
        }
        String between = name.equals("for") ? "in" : name.equals("set") ? "=" : "";
        int value = 0;
        while (value < rest.size() && !rest.get(value).is(between)) {
            value++;
        }
        out.append("{% ").append(name).append(' ');
        if (value < rest.size()) {
            out.append(expression(tag, rest.subList(0, value))).append(' ').append(between).append(' ');
            rest = rest.subList(value + 1, rest.size());
        }
        out.append(name.equals("macro") ? expression(tag, rest, true) : rendered(tag, name, rest)).append(" %}");
        if (name.equals("for")) {
            // Steps are counted by what is rendered, and an empty body would go round without one.
            out.append("{{ ").append(literal("")).append(" }}");
        }
    }

    /** An expression, or where it has what is not supported, one that says so when it is rendered: few chats come to it. */
    private String rendered(int tag, String name, List<Token> tokens) {
        try {
            int depth = 0;
            for (Token token : tokens) {
                depth += "([{".contains(token.text()) ? 1 : ")]}".contains(token.text()) ? -1 : 0;
                if (name.equals("for") && depth == 0 && (token.is("if") || token.is("recursive"))) {
                    throw new Unsupported(wrong(tag, "'for' with '" + token.text() + "' is not supported"));
                }
            }
            return expression(tag, tokens);
        } catch (Unsupported e) {
            return REFUSE + "(" + literal(e.getMessage()) + ")";
        }
    }

    private void close(int tag, String name) {
        String opened = open.isEmpty() ? "" : open.pop();
        if (!name.equals("end" + opened)) {
            throw wrong(tag, "'" + name + "' ends " + (opened.isEmpty() ? "nothing" : "'" + opened + "'"));
        }
    }

    private String expression(int tag, List<Token> tokens) {
        return expression(tag, tokens, false);
    }

    /** @param defines whether it is the head of a macro, of which jinjava reads less than of an expression */
    private String expression(int tag, List<Token> tokens, boolean defines) {
        StringBuilder text = new StringBuilder();
        Deque<Group> groups = new ArrayDeque<>();
        int depth = 0;
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            Token before = i > 0 ? tokens.get(i - 1) : new Token("(", false);
            Token next = i + 1 < tokens.size() ? tokens.get(i + 1) : new Token(")", false);
            boolean closes = token.is(")") || token.is("]") || token.is("}");
            while (!groups.isEmpty() && groups.peek().depth() == depth
                    && (closes || !token.string() && groups.peek().ends().contains(token.text()))) {
                groups.pop();
                text.append(") ");
            }
            depth += token.is("(") || token.is("[") || token.is("{") ? 1 : closes ? -1 : 0;
            if (token.string()) {
                StringBuilder whole = new StringBuilder(token.text());
                while (i + 1 < tokens.size() && tokens.get(i + 1).string()) {
                    whole.append(tokens.get(++i).text());
                }
                text.append(literal(whole.toString())).append(' ');
            } else if (token.is("not") && !before.is("is") && !next.is("in")) {
                text.append("not (");
                groups.push(new Group(depth, ENDS_NOT));
                if (groups.size() > DEEPEST) {
                    throw wrong(tag, "more than " + DEEPEST + " times 'not' stand in each other");
                }
            } else if (token.is("=") && depth > 0 && !defines) {
                text.append("= (");
                groups.push(new Group(depth, Set.of(",")));
            } else if (token.is("[") && i + 4 < tokens.size() && next.is(":") && tokens.get(i + 2).is(":")
                    && tokens.get(i + 3).is("-") && tokens.get(i + 4).is("1")) {
                text.append('.').append(OURS).append("reversed( ) ");
                depth--;
                i += 5;
            } else if (token.is("{")) {
                // Within round brackets, jinjava would take a comma between the entries for one between elements.
                text.append("[{ ");
            } else if (token.is("}")) {
                text.append("}][0] ");
            } else if (token.is(":") && next.is(":")) {
                throw new Unsupported(wrong(tag, "a slice with a step other than [::-1] is not supported"));
            } else {
                boolean attribute = before.is(".");
                if (token.isName()) {
                    check(tag, token.text(), before, i > 1 ? tokens.get(i - 2) : before, next);
                }
                if (attribute || token.is(".") || token.is("(") && before.isName() && !WORDS.contains(before.text())) {
                    // No blank: jinjava tells calls and properties by it.
                    text.setLength(text.length() - (text.length() > 0 && text.charAt(text.length() - 1) == ' ' ? 1 : 0));
                }
                boolean tested = before.is("is") || before.is("not") && i > 1 && tokens.get(i - 2).is("is");
                text.append(attribute || tested ? token.text() : spelt(token.text())).append(' ');
            }
        }
        return text.append(") ".repeat(groups.size())).toString().strip();
    }

    private static String spelt(String word) {
        return switch (word) {
            case "none", "None" -> OURS + "none";
            case "True" -> "true";
            case "False" -> "false";
            default -> word;
        };
    }

    private void check(int tag, String name, Token before, Token beforeThat, Token next) {
        if (name.startsWith(OURS) || name.startsWith("__")) {
            throw wrong(tag, "'" + name + "' is refused: names that begin so are none of a template's business");
        }
        if (before.is("|")) {
            supported(tag, "filter", name, JinjaParts.FILTERS.keySet());
        } else if (before.is("is") || before.is("not") && beforeThat.is("is")) {
            if (!name.equals("not")) {
                supported(tag, "test", name, JinjaParts.TESTS.keySet());
            }
        } else if (before.is(".")) {
            if (next.is("(")) {
                supported(tag, "method", name, JinjaParts.METHODS);
            }
        } else if (next.is("(") && !WORDS.contains(name) && !macros.contains(name)) {
            supported(tag, "function", name, FUNCTIONS);
        } else if (TAKEN.contains(name)) {
            throw new Unsupported(wrong(tag, "the name '" + name + "' is not supported"));
        }
    }

    private void supported(int tag, String kind, String name, Set<String> allowed) {
        if (!allowed.contains(name)) {
            throw new Unsupported(wrong(tag, "the " + kind + " '" + name + "' is not supported; those that are: "
                    + allowed.stream().filter(known -> !known.startsWith(OURS)).sorted().toList()));
        }
    }

    private IllegalArgumentException wrong(int position, String what) {
        // On from the place before: a template may have what is not supported in each of its tags.
        for (; counted < position; counted++) {
            lineNumber += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return new IllegalArgumentException(file + ", line " + lineNumber + ": " + what);
    }
}

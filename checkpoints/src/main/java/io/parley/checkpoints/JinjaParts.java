package io.parley.checkpoints;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.exptest.ExpTest;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.objects.SafeString;
import com.hubspot.jinjava.util.ForLoop;
import com.hubspot.jinjava.util.HasObjectTruthValue;
import com.hubspot.jinjava.util.ObjectTruthValue;
import java.beans.FeatureDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import jinjava.de.odysseus.el.misc.NumberOperations;
import jinjava.de.odysseus.el.misc.TypeConverter;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;
import jinjava.javax.el.PropertyNotFoundException;

/**
 * What chat templates may call, with Python's meaning: filters, tests, and the methods of strings and dictionaries. As an
 * {@link ELResolver} it stands in the place of jinjava's own, which reads properties and calls methods of any Java object; this
 * one knows strings, lists, maps and loops, by name. Errors are {@link IllegalStateException}s, because jinjava takes an
 * {@link IllegalArgumentException} of a method for an undefined value.
 */
final class JinjaParts extends ELResolver {
    /** Python's {@code None}, which unlike an undefined name is defined. */
    static final Object NONE = new HasObjectTruthValue() {
        @Override
        public boolean getObjectTruthValue() {
            return false;
        }

        @Override
        public String toString() {
            return "None";
        }
    };

    static final Map<String, Filter> FILTERS = new TreeMap<>();
    static final Map<String, ExpTest> TESTS = new TreeMap<>();
    static final Set<String> METHODS = Set.of("strip", "lstrip", "rstrip", "startswith", "endswith", "split", "replace", "upper",
            "lower", "title", "capitalize", "items", "get", "keys", "values");
    private static final String PYTHON_BLANKS = " \t\n\r\f\u000b";

    static {
        filter(TemplateSource.OURS + "print", (value, args) -> printed(value));
        filter("trim", (value, args) -> strip(string("trim", value), args, true, true));
        filter("upper", (value, args) -> string("upper", value).toUpperCase(Locale.ROOT));
        filter("lower", (value, args) -> string("lower", value).toLowerCase(Locale.ROOT));
        filter("capitalize", (value, args) -> call(string("capitalize", value), "capitalize", args));
        filter("replace", (value, args) -> call(string("replace", value), "replace", args));
        filter("string", (value, args) -> printed(value));
        filter("length", (value, args) -> length(value));
        filter("count", (value, args) -> length(value));
        filter("first", (value, args) -> {
            List<Object> elements = list(value);
            return elements.isEmpty() ? null : elements.get(0);
        });
        filter("last", (value, args) -> {
            List<Object> elements = list(value);
            return elements.isEmpty() ? null : elements.get(elements.size() - 1);
        });
        filter("list", (value, args) -> list(value));
        filter("reverse", (value, args) -> reversed(value));
        filter("items", (value, args) -> value == null ? List.of() : items(map("items", value)));
        filter("join", (value, args) -> joined(list(value), args.isEmpty() ? "" : string("join", args.get(0))));
        filter("default", JinjaParts::defaulted);
        filter("d", JinjaParts::defaulted);
        filter("selectattr", (value, args) -> selected(value, args, true));
        filter("rejectattr", (value, args) -> selected(value, args, false));
        filter("tojson", (value, args) -> {
            if (!args.isEmpty()) {
                throw new IllegalStateException("'tojson' with arguments is not supported");
            }
            return json(BoundedRendering.counted(value), new StringBuilder()).toString();
        });

        test("defined", value -> value != null);
        test("undefined", value -> value == null);
        test("none", value -> value == NONE);
        test("string", JinjaParts::isString);
        test("number", value -> value instanceof Number || value instanceof Boolean);
        test("boolean", value -> value instanceof Boolean);
        test("true", value -> Boolean.TRUE.equals(value));
        test("false", value -> Boolean.FALSE.equals(value));
        test("mapping", value -> value instanceof Map);
        test("sequence", JinjaParts::isSequence);
        test("iterable", value -> value == null || isSequence(value));
    }

    private static boolean isSequence(Object value) {
        return isString(value) || value instanceof Collection || value instanceof Map;
    }

    private static void filter(String name, BiFunction<Object, List<Object>, Object> body) {
        FILTERS.put(name, new Filter() {
            @Override
            public String getName() {
                return name;
            }

            @Override
            public Object filter(Object value, JinjavaInterpreter interpreter, String... args) {
                return body.apply(value, Arrays.asList((Object[]) args));
            }

            @Override
            public Object filter(Object value, JinjavaInterpreter interpreter, Object[] args, Map<String, Object> named) {
                if (!named.isEmpty()) {
                    throw new IllegalStateException("the filter '" + name + "' with '" + named.keySet().iterator().next()
                            + "=' is not supported");
                }
                return body.apply(value, Arrays.asList(args));
            }
        });
    }

    private static void test(String name, Predicate<Object> body) {
        TESTS.put(name, new ExpTest() {
            @Override
            public String getName() {
                return name;
            }

            @Override
            public boolean evaluate(Object value, JinjavaInterpreter interpreter, Object... args) {
                return body.test(value);
            }
        });
    }

    /** As Python writes it; an undefined value is nothing. */
    private static String printed(Object value) {
        if (value == null) {
            return "";
        }
        if (isString(value)) {
            return string("print", value);
        }
        if (value instanceof Integer || value instanceof Long || value == NONE) {
            return value.toString();
        }
        throw new IllegalStateException("writing a " + kind(value) + " is not supported");
    }

    private static String kind(Object value) {
        return value == null ? "undefined value" : value == NONE ? "none" : value instanceof Boolean ? "truth value"
                : value instanceof Number ? "number" : value instanceof Map ? "dictionary" : value instanceof Collection ? "list"
                        : value instanceof CharSequence ? "string" : value instanceof ForLoop ? "loop"
                        : "value of this kind";
    }

    private static String aKind(Object value) {
        return (value == null ? "an " : "a ") + kind(value);
    }

    private static boolean isString(Object value) {
        return value instanceof CharSequence || value instanceof SafeString;
    }

    private static String string(String use, Object value) {
        if (isString(value)) {
            String text = value.toString();
            BoundedRendering.countCharacters(text);
            return text;
        }
        throw new IllegalStateException("'" + use + "' needs a string, not a " + kind(value));
    }

    private static Map<?, ?> map(String use, Object value) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new IllegalStateException("'" + use + "' needs a dictionary, not a " + kind(value));
    }

    private static List<Object> list(Object value) {
        if (isString(value)) {
            String text = string("list", value);
            BoundedRendering.countElements(text.length());
            return text.codePoints().<Object>mapToObj(Character::toString).toList();
        }
        Collection<?> elements = value == null ? List.of() : value instanceof Map<?, ?> map ? map.keySet()
                : value instanceof Collection<?> collection ? collection : null;
        if (elements == null) {
            throw new IllegalStateException("a list is needed, not a " + kind(value));
        }
        BoundedRendering.countElements(elements.size());
        return new ArrayList<>(elements);
    }

    private static Object reversed(Object value) {
        if (isString(value)) {
            return new StringBuilder(string("reverse", value)).reverse().toString();
        }
        List<Object> reversed = list(value);
        Collections.reverse(reversed);
        return reversed;
    }

    private static long length(Object value) {
        if (isString(value)) {
            String text = string("length", value);
            return text.codePointCount(0, text.length());
        }
        return list(value).size();
    }

    private static String joined(List<Object> elements, String separator) {
        StringBuilder joined = new StringBuilder();
        String before = "";
        for (Object element : elements) {
            BoundedRendering.countCharacters(before);
            joined.append(before).append(printed(element));
            BoundedRendering.requireShort("join", joined.length());
            before = separator;
        }
        return joined.toString();
    }

    /** {@code ~}. */
    static String concatenated(Object left, Object right) {
        String first = printed(left);
        String second = printed(right);
        BoundedRendering.requireShort("+' or '~", (long) first.length() + second.length());
        return first + second;
    }

    /** {@code +}, which takes two numbers, two strings or two lists. */
    static Object sum(TypeConverter converter, Object left, Object right) {
        if (left instanceof Number && right instanceof Number) {
            return NumberOperations.add(converter, left, right);
        }
        if (isString(left) && isString(right)) {
            return concatenated(left, right);
        }
        if (left instanceof Collection<?> first && right instanceof Collection<?> second) {
            if (first.size() + second.size() > BoundedRendering.MOST_ELEMENTS) {
                throw new IllegalStateException("'+' would make a list of more than " + BoundedRendering.MOST_ELEMENTS
                        + " elements");
            }
            List<Object> both = new ArrayList<>(first);
            both.addAll(second);
            return both;
        }
        throw new IllegalStateException("'+' is not supported between " + aKind(left) + " and " + aKind(right));
    }

    private static List<Object> items(Map<?, ?> map) {
        BoundedRendering.countElements(map.size());
        return map.entrySet().stream().<Object>map(e -> Arrays.asList(e.getKey(), e.getValue())).toList();
    }

    private static Object defaulted(Object value, List<Object> args) {
        boolean replace = value == null
                || args.size() > 1 && ObjectTruthValue.evaluate(args.get(1)) && !ObjectTruthValue.evaluate(value);
        return replace ? args.isEmpty() ? "" : args.get(0) : value;
    }

    /** Those elements whose attribute is true, passes a test, or equals what is named. */
    private static Object selected(Object value, List<Object> args, boolean keep) {
        String testName = args.size() > 1 ? string("selectattr", args.get(1)) : "";
        boolean equals = args.size() == 3 && Set.of("equalto", "==", "eq").contains(testName);
        ExpTest test = args.size() == 2 ? TESTS.get(testName) : null;
        if (args.size() != 1 && !equals && test == null) {
            throw new IllegalStateException("'selectattr' and 'rejectattr' are supported with 'equalto', with " + TESTS.keySet()
                    + ", or with no test");
        }
        String name = string("selectattr", args.get(0));
        return list(value).stream().filter(element -> {
            Object attribute = map("selectattr", element).get(name);
            return keep == (equals ? args.get(2).equals(BoundedRendering.counted(attribute))
                    : test != null ? test.evaluate(attribute, null) : ObjectTruthValue.evaluate(attribute));
        }).toList();
    }

    private static String strip(String text, List<Object> args, boolean left, boolean right) {
        Set<Integer> chars = args.isEmpty() || args.get(0) == NONE ? null
                : string("strip", args.get(0)).codePoints().boxed().collect(Collectors.toSet());
        Predicate<Integer> stripped = c -> chars == null
                ? PYTHON_BLANKS.indexOf(c) >= 0 || c >= 0x1c && c <= 0x1f || c == 0x85 || Character.isSpaceChar(c)
                : chars.contains(c);
        int from = 0;
        int to = text.length();
        while (left && from < to && stripped.test(text.codePointAt(from))) {
            from += Character.charCount(text.codePointAt(from));
        }
        while (right && from < to && stripped.test(text.codePointBefore(to))) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(from, to);
    }

    /** As Python's {@code json.dumps(value, ensure_ascii=False)}. */
    private static StringBuilder json(Object value, StringBuilder out) {
        if (value == NONE) {
            out.append("null");
        } else if (value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            out.append(value);
        } else if (value instanceof Map<?, ?> map) {
            String separator = "{";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json(string("a key of 'tojson'", entry.getKey()), out.append(separator)).append(": ");
                json(entry.getValue(), out);
                separator = ", ";
            }
            out.append(map.isEmpty() ? "{}" : "}");
        } else if (value instanceof Collection<?> collection) {
            String separator = "[";
            for (Object element : collection) {
                json(element, out.append(separator));
                separator = ", ";
            }
            out.append(collection.isEmpty() ? "[]" : "]");
        } else {
            out.append('"');
            for (char c : string("tojson", value).toCharArray()) {
                int escape = "\"\\\n\r\t\b\f".indexOf(c);
                if (escape >= 0) {
                    out.append('\\').append("\"\\nrtbf".charAt(escape));
                } else if (c < 0x20) {
                    out.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
                } else {
                    out.append(c);
                }
            }
            out.append('"');
        }
        BoundedRendering.requireShort("tojson", out.length());
        return out;
    }

    @Override
    public Object invoke(ELContext context, Object base, Object method, Class<?>[] types, Object[] params) {
        context.setPropertyResolved(true);
        List<Object> args = params == null ? List.of() : Arrays.asList(params);
        String name = method.toString();
        if (base instanceof Filter filter) {
            // jinjava hands over the value, itself, and what stands in brackets: by position, and by name.
            @SuppressWarnings("unchecked")
            Map<String, Object> named = (Map<String, Object>) args.get(3);
            return filter.filter(args.get(0), (JinjavaInterpreter) args.get(1), (Object[]) args.get(2), named);
        }
        if (base instanceof ExpTest test) {
            Object[] rest = args.size() > 2 ? args.subList(2, args.size()).toArray() : new Object[0];
            JinjavaInterpreter interpreter = (JinjavaInterpreter) args.get(1);
            return name.equals("evaluateNegated")
                    ? test.evaluateNegated(args.get(0), interpreter, rest)
                    : test.evaluate(args.get(0), interpreter, rest);
        }
        if (name.equals(TemplateSource.OURS + "reversed")) {
            return reversed(base);
        }
        if (base instanceof Map<?, ?> map && METHODS.contains(name)) {
            return switch (name) {
                case "items" -> items(map);
                case "keys" -> new ArrayList<>(map.keySet());
                case "values" -> new ArrayList<>(map.values());
                case "get" -> {
                    Object value = map.get(string("get", args.get(0)));
                    yield value != null ? value : args.size() > 1 ? args.get(1) : NONE;
                }
                default -> throw new IllegalStateException("a dictionary has no method '" + name + "'");
            };
        }
        return call(string(name, base), name, args);
    }

    /** A method of a string. */
    private static Object call(String text, String method, List<Object> args) {
        return switch (method) {
            case "strip" -> strip(text, args, true, true);
            case "lstrip" -> strip(text, args, true, false);
            case "rstrip" -> strip(text, args, false, true);
            case "startswith" -> text.startsWith(string(method, only(method, args)));
            case "endswith" -> text.endsWith(string(method, only(method, args)));
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "capitalize" -> text.isEmpty() ? text
                    : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1).toLowerCase(Locale.ROOT);
            case "title" -> title(text);
            case "replace" -> {
                if (args.size() != 2 || string(method, args.get(0)).isEmpty()) {
                    throw new IllegalStateException("'replace' needs what is replaced and by what");
                }
                String replaced = string(method, args.get(0));
                String by = string(method, args.get(1));
                BoundedRendering.requireShort("replace",
                        text.length() + occurrences(text, replaced) * (by.length() - replaced.length()));
                yield text.replace(replaced, by);
            }
            case "split" -> split(text, string(method, only(method, args)));
            default -> throw new IllegalStateException("a string has no method '" + method + "'");
        };
    }

    private static Object only(String method, List<Object> args) {
        if (args.size() != 1) {
            throw new IllegalStateException("'" + method + "' with " + args.size() + " arguments is not supported");
        }
        return args.get(0);
    }

    private static long occurrences(String text, String part) {
        BoundedRendering.countSearch(text, part);
        long count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    private static List<Object> split(String text, String separator) {
        if (separator.isEmpty()) {
            throw new IllegalStateException("'split' needs a separator");
        }
        BoundedRendering.countSearch(text, separator);
        List<Object> parts = new ArrayList<>();
        int from = 0;
        for (int to = text.indexOf(separator); to >= 0; to = text.indexOf(separator, from)) {
            parts.add(text.substring(from, to));
            from = to + separator.length();
        }
        parts.add(text.substring(from));
        BoundedRendering.countElements(parts.size());
        return parts;
    }

    private static String title(String text) {
        StringBuilder title = new StringBuilder();
        boolean inWord = false;
        for (char c : text.toCharArray()) {
            title.append(inWord ? Character.toLowerCase(c) : Character.toUpperCase(c));
            inWord = Character.isLetter(c);
        }
        return title.toString();
    }

    @Override
    public Object getValue(ELContext context, Object base, Object property) {
        context.setPropertyResolved(true);
        if (base instanceof Map<?, ?> map) {
            return map.get(property.toString());
        }
        if (base instanceof ForLoop loop) {
            return switch (property.toString()) {
                case "first" -> loop.isFirst();
                case "last" -> loop.isLast();
                case "index" -> (long) loop.getIndex();
                case "index0" -> (long) loop.getIndex0();
                case "revindex" -> (long) loop.getRevindex();
                case "revindex0" -> (long) loop.getRevindex0();
                case "length" -> (long) loop.getLength();
                default -> throw none(base, property);
            };
        }
        if (base instanceof List<?> || base instanceof CharSequence) {
            List<?> elements = base instanceof List<?> elementsThemselves ? elementsThemselves : list(base);
            int index;
            try {
                index = Integer.parseInt(property.toString());
            } catch (NumberFormatException e) {
                throw none(base, property);
            }
            index += index < 0 ? elements.size() : 0;
            return index >= 0 && index < elements.size() ? elements.get(index) : null;
        }
        throw none(base, property);
    }

    private static RuntimeException none(Object base, Object property) {
        // jinjava asks for a property before it calls a method, and takes this as an answer.
        return new PropertyNotFoundException("a " + kind(base) + " has no '" + property + "'");
    }

    @Override
    public Class<?> getCommonPropertyType(ELContext context, Object base) {
        return Object.class;
    }

    @Override
    public Iterator<FeatureDescriptor> getFeatureDescriptors(ELContext context, Object base) {
        return Collections.emptyIterator();
    }

    @Override
    public Class<?> getType(ELContext context, Object base, Object property) {
        return Object.class;
    }

    @Override
    public boolean isReadOnly(ELContext context, Object base, Object property) {
        return true;
    }

    @Override
    public void setValue(ELContext context, Object base, Object property, Object value) {
        throw new IllegalStateException("a template cannot write '" + property + "'");
    }
}

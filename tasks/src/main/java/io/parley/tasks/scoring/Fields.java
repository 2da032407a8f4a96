package io.parley.tasks.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.core.task.DialogueLog;
import java.util.ArrayList;
import java.util.List;

/** A node of a dialogue log that knows where it is, so that what is missing can be named. */
final class Fields {
    private final JsonNode node;
    /** Null for the whole log. */
    private final Fields parent;
    /** Name of the field or index of the item. */
    private final Object step;

    private Fields(JsonNode node, Fields parent, Object step) {
        this.node = node;
        this.parent = parent;
        this.step = step;
    }

    /** @throws IllegalArgumentException if it is not a log of a form that can be read */
    static Fields log(JsonNode log) {
        Fields fields = new Fields(log, null, null);
        if (log.path("schema").asInt() != DialogueLog.SCHEMA) {
            throw new IllegalArgumentException(
                    fields.where() + ": schema is " + log.path("schema") + "; this version reads " + DialogueLog.SCHEMA);
        }
        return fields;
    }

    JsonNode node() {
        return node;
    }

    String where() {
        if (parent == null) {
            return "dialogue log of episode " + node.path(DialogueLog.EPISODE).asText("?");
        }
        return parent.where() + (step instanceof Integer ? "[" + step + "]" : ", " + step);
    }

    boolean has(String name) {
        return node.hasNonNull(name);
    }

    Fields get(String name) {
        if (!node.has(name)) {
            throw new IllegalArgumentException(where() + " has no '" + name + "'");
        }
        return new Fields(node.get(name), this, name);
    }

    String text(String name) {
        return get(name).asText();
    }

    String oneOf(String name, String... allowed) {
        return get(name).asOneOf(allowed);
    }

    boolean truth(String name) {
        Fields value = get(name);
        if (!value.node.isBoolean()) {
            throw value.isNot("true or false");
        }
        return value.node.booleanValue();
    }

    double number(String name) {
        return get(name).asNumber();
    }

    List<Fields> items(String name) {
        return get(name).asItems();
    }

    List<String> texts(String name) {
        return items(name).stream().map(Fields::asText).toList();
    }

    /** A list of so many texts, each one of those allowed. */
    List<String> words(String name, int count, String... allowed) {
        return get(name).asWords(count, allowed);
    }

    /** Such a list for each of some people, at least one. */
    List<List<String>> wordLists(String name, int count, String... allowed) {
        List<Fields> people = items(name);
        if (people.isEmpty()) {
            throw get(name).isNot("a list for each participant, at least one");
        }
        return people.stream().map(own -> own.asWords(count, allowed)).toList();
    }

    /** A list of so many numbers. */
    List<Double> numbers(String name, int count) {
        List<Fields> items = items(name);
        if (items.size() != count) {
            throw get(name).isNot("a list of " + count);
        }
        return items.stream().map(Fields::asNumber).toList();
    }

    private List<Fields> asItems() {
        if (!node.isArray()) {
            throw isNot("a list");
        }
        List<Fields> items = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            items.add(new Fields(node.get(i), this, i));
        }
        return items;
    }

    private List<String> asWords(int count, String... allowed) {
        List<Fields> items = asItems();
        if (items.size() != count) {
            throw isNot("a list of " + count);
        }
        return items.stream().map(item -> item.asOneOf(allowed)).toList();
    }

    private String asText() {
        if (!node.isTextual()) {
            throw isNot("a text");
        }
        return node.textValue();
    }

    private String asOneOf(String... allowed) {
        if (!node.isTextual() || !List.of(allowed).contains(node.textValue())) {
            throw isNot(String.join(", ", allowed));
        }
        return node.textValue();
    }

    private double asNumber() {
        if (!node.isNumber()) {
            throw isNot("a number");
        }
        return node.doubleValue();
    }

    private IllegalArgumentException isNot(String expected) {
        return new IllegalArgumentException(where() + " is " + node + "; " + expected);
    }
}

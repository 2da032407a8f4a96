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
        return oneOf(name, (String[]) null);
    }

    /** @param allowed the texts that may stand there, or null for any */
    String oneOf(String name, String... allowed) {
        JsonNode value = get(name).node;
        if (!value.isTextual() || allowed != null && !List.of(allowed).contains(value.textValue())) {
            throw new IllegalArgumentException(where() + ", " + name + " is " + value + "; "
                    + (allowed == null ? "a text" : String.join(", ", allowed)));
        }
        return value.textValue();
    }

    boolean truth(String name) {
        JsonNode value = get(name).node;
        if (!value.isBoolean()) {
            throw new IllegalArgumentException(where() + ", " + name + " is " + value + "; true or false");
        }
        return value.booleanValue();
    }

    double number(String name) {
        JsonNode value = get(name).node;
        if (!value.isNumber()) {
            throw new IllegalArgumentException(where() + ", " + name + " is " + value + "; a number");
        }
        return value.doubleValue();
    }

    List<Fields> items(String name) {
        Fields list = get(name);
        if (!list.node.isArray()) {
            throw new IllegalArgumentException(list.where() + " is " + list.node + "; a list");
        }
        List<Fields> items = new ArrayList<>(list.node.size());
        for (int i = 0; i < list.node.size(); i++) {
            items.add(new Fields(list.node.get(i), list, i));
        }
        return items;
    }

    List<String> texts(String name) {
        List<Fields> items = items(name);
        List<String> texts = new ArrayList<>(items.size());
        for (Fields item : items) {
            texts.add(item.asText());
        }
        return texts;
    }

    /** A list of texts in each place of a list. */
    List<List<String>> lists(String name) {
        List<List<String>> lists = new ArrayList<>();
        for (Fields item : items(name)) {
            List<String> texts = new ArrayList<>(item.node.size());
            item.node.forEach(text -> texts.add(text.asText()));
            lists.add(texts);
        }
        return lists;
    }

    private String asText() {
        if (!node.isTextual()) {
            throw new IllegalArgumentException(where() + " is " + node + "; a text");
        }
        return node.textValue();
    }
}

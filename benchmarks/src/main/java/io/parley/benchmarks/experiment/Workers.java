package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;

/**
 * How many worker processes run cells.
 *
 * @param count at least 1, or 0 for one a processor core
 */
public record Workers(int count) {
    static final Workers AUTO = new Workers(0);

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Workers fromJson(JsonNode node) {
        if (node.isTextual() && node.textValue().equals("auto")) {
            return AUTO;
        }
        if (!node.isInt() || node.intValue() < 1) {
            throw new IllegalArgumentException(
                    "found " + node + "; a whole number, at least 1, or auto for one a processor core");
        }
        return new Workers(node.intValue());
    }

    @JsonValue
    Object toJson() {
        return count == 0 ? (Object) "auto" : count;
    }

    /** The number for this machine. */
    public int resolve() {
        return count == 0 ? Runtime.getRuntime().availableProcessors() : count;
    }
}

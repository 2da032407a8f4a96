package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.parley.core.plugin.ConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An experiment as it was written, before anything is checked.
 *
 * @param name where it comes from, for messages
 * @param tree its content
 */
public record ExperimentSource(String name, ObjectNode tree) {
    /**
     * The preset that is no experiment, because nobody speaks in its environments: the laboratory's, which has seeds
     * and nothing else.
     */
    public static final String LABORATORY = "mamdp";

    /** What comes with the project: experiments, and {@link #LABORATORY}. */
    public static final List<String> PRESETS = List.of(
            "smoke", "quickstart", "attribution", "phase", "lambda", "grounding", "paper-noppress", "paper-fullpress", "lm-smoke",
            "lm", LABORATORY);

    /** YAML 1.1 reads 1e-3, without a dot, as a text. */
    private static final Pattern EXPONENT = Pattern.compile("[-+]?\\d+(\\.\\d*)?[eE][-+]?\\d+");

    private static final ObjectMapper YAML = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** @throws InputException if the file cannot be read or is not YAML */
    public static ExperimentSource file(Path file) {
        if (Files.isDirectory(file)) {
            throw new InputException(file + ": is a folder; name a file, such as " + file.resolve("experiment.yaml"));
        }
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new InputException(file + ": there is no such file; name an experiment.yaml, or one of the presets with "
                    + "--preset " + String.join("|", PRESETS), e);
        } catch (CharacterCodingException e) {
            throw new InputException(file + ": is not a text in UTF-8", e);
        } catch (AccessDeniedException e) {
            throw new InputException(file + ": permission denied; name a file that you may read", e);
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + e.getClass().getSimpleName() + ": " + e.getMessage() + ")", e);
        }
    }

    /** @throws InputException if there is no such preset */
    public static ExperimentSource preset(String preset) {
        if (!PRESETS.contains(preset)) {
            String near = Suggestions.near(preset, PRESETS);
            throw new InputException("--preset " + preset + ": no preset is called '" + preset + "'"
                    + (near.isEmpty() ? "; there" : near + " There") + " are: " + String.join(", ", PRESETS));
        }
        try (InputStream in = ExperimentSource.class.getResourceAsStream(preset + ".yaml")) {
            return parse("preset " + preset, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new InputException("preset " + preset + " cannot be read", e);
        }
    }

    /** This experiment with {@code path=value} settings, each value in YAML, in order. */
    public ExperimentSource with(List<String> settings) {
        ObjectNode changed = tree.deepCopy();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new InputException("--set " + setting + ": expected path=value, such as trainPartner.helpful=0.9");
            }
            try {
                Settings.set(changed, setting.substring(0, equals).trim(), value(setting.substring(equals + 1)));
            } catch (JsonProcessingException e) {
                throw new InputException("--set " + setting + ": the value is not YAML: " + e.getOriginalMessage(), e);
            } catch (ConfigurationException e) {
                throw new InputException("--set " + e.getMessage(), e);
            }
        }
        return new ExperimentSource(settings.isEmpty() ? name : name + " with --set", changed);
    }

    /** The tree in YAML. */
    public static String yaml(JsonNode tree) {
        try {
            return YAML.writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ExperimentSource parse(String name, String text) {
        JsonNode node;
        try {
            node = numbers(YAML.readTree(text));
        } catch (JsonProcessingException e) {
            throw new InputException(name + ": not YAML: " + e.getOriginalMessage()
                    + (e.getLocation() == null || e.getOriginalMessage().contains("line ") ? ""
                            : " (line " + e.getLocation().getLineNr() + ")"), e);
        }
        if (!(node instanceof ObjectNode tree)) {
            throw new InputException(name + ": found "
                    + (node == null || node.isMissingNode() || node.isNull() ? "nothing" : node)
                    + "; an experiment is a mapping with the keys name, seeds, tasks, algorithms and others");
        }
        return new ExperimentSource(name, tree);
    }

    /** A value as experiments write it. */
    public static JsonNode value(String text) throws JsonProcessingException {
        JsonNode node = YAML.readTree(text);
        return node == null || node.isMissingNode() ? YAML.nullNode() : numbers(node);
    }

    private static JsonNode numbers(JsonNode node) {
        if (node instanceof ObjectNode mapping) {
            mapping.fieldNames().forEachRemaining(key -> mapping.set(key, numbers(mapping.get(key))));
        } else if (node instanceof ArrayNode list) {
            for (int i = 0; i < list.size(); i++) {
                list.set(i, numbers(list.get(i)));
            }
        } else if (node != null && node.isTextual() && EXPONENT.matcher(node.textValue()).matches()) {
            return DoubleNode.valueOf(Double.parseDouble(node.textValue()));
        }
        return node;
    }
}

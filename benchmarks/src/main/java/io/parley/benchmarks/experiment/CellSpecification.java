package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.PolicyFiles;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that determines a cell's result: what is trained on what, and how it is judged. Two specifications of equal
 * {@link #hash} and seed are one cell.
 *
 * @param schema version of this form; 1
 * @param seed seed of every random stream
 * @param task the task
 * @param policy the policy
 * @param trainPartner the partner in training; what evaluation calls {@code @training}; null
 *     for a start, which is trained before there is a partner
 * @param counterfactuals those that the experiment uses: policies read their notices, starts are shown them
 * @param start {@link #hash} of the cell whose policy this one begins with; null to begin with a new policy
 * @param algorithm what trains the policy; null to evaluate it as it is
 * @param reward what a response earns in training; null where nothing is trained on rewards
 * @param responses responses that training may sample; null where nothing is trained
 * @param evaluation how the policy is judged; null not to
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CellSpecification(
        int schema,
        long seed,
        PluginSpec task,
        PluginSpec policy,
        PluginSpec trainPartner,
        List<PluginSpec> counterfactuals,
        String start,
        PluginSpec algorithm,
        PluginSpec reward,
        Long responses,
        EvaluationSettings evaluation) {
    private static final ObjectMapper CANONICAL =
            JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();
    /** Key of a plugin that says what its files hold. */
    static final String HASH = "sha256";
    private static final String PATH = "path";
    /** Of the policy {@code cell}: where the files of the cell's own policy lie. */
    private static final String BASE = "base";
    /**
     * Keys of a plugin that say where its files lie, by the key for their hash: nothing depends on places where that is given.
     */
    private static final Map<String, List<String>> PLACES = Map.of(
            HASH, List.of(PATH, "adapter", BASE, "file"),
            "peopleSha256", List.of("people"));

    public CellSpecification {
        counterfactuals = counterfactuals == null ? List.of() : List.copyOf(counterfactuals);
        if (schema != 1) {
            throw new IllegalArgumentException("schema is " + schema + "; this version runs cells of schema 1");
        }
    }

    /**
     * What an exported policy was trained as, which its exporter was told; empty for one that no cell trained, or a cell of a
     * version that this one does not know.
     */
    public static Optional<CellSpecification> ofProvenance(JsonNode provenance) {
        try {
            return Optional.ofNullable(CANONICAL.convertValue(provenance.get("specification"), CellSpecification.class));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether a plugin's key of this name says where its files lie, or what they hold. */
    public static boolean namesFiles(String key) {
        return key.equals(HASH) || PLACES.values().stream().anyMatch(places -> places.contains(key));
    }

    /** The key of a plugin that says where the files lie whose hash another key gives; empty if that key gives none. */
    public static Optional<String> place(JsonNode plugin, String hash) {
        return PLACES.getOrDefault(hash, List.of()).stream().filter(plugin::has).findFirst();
    }

    /** A copy without the places of files and folders of which it says the hash. */
    public static JsonNode withoutPlaces(JsonNode tree) {
        JsonNode copy = tree.deepCopy();
        PLACES.forEach((hash, places) -> copy.findParents(hash).forEach(parent -> ((ObjectNode) parent).remove(places)));
        return copy;
    }

    /**
     * 16 hexadecimal digits of the SHA-256 of the specification without its seed, keys in order. Where files lie whose own
     * hash it says does not enter.
     */
    public String hash() {
        try {
            JsonNode tree = withoutPlaces(CANONICAL.valueToTree(withSeed(0)));
            byte[] bytes = CANONICAL.writeValueAsString(CANONICAL.treeToValue(tree, Object.class))
                    .getBytes(StandardCharsets.UTF_8);
            return PolicyFiles.sha256(bytes).substring(0, 16);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether both are one cell. */
    public boolean sameCell(CellSpecification other) {
        return seed == other.seed && hash().equals(other.hash());
    }

    /** Whether the policy is made of files that lie elsewhere, such as a pretrained model. */
    public boolean hasBase() {
        return policy.config().has(PATH);
    }

    /**
     * The same cell where the files of its policy lie in another place now.
     *
     * @param place folder of a pretrained model, or the file of an exported policy
     * @throws IllegalArgumentException if it has none
     */
    public CellSpecification withBase(String place) {
        if (!hasBase()) {
            throw new IllegalArgumentException("base is for a pretrained model; the policy is '" + policy.id() + "'");
        }
        ObjectNode moved = policy.config().deepCopy();
        moved.put(policy.id().equals("cell") ? BASE : PATH, place);
        return new CellSpecification(schema, seed, task, new PluginSpec(policy.id(), moved), trainPartner, counterfactuals, start,
                algorithm, reward, responses, evaluation);
    }

    CellSpecification withSeed(long newSeed) {
        return new CellSpecification(
                schema, newSeed, task, policy, trainPartner, counterfactuals, start, algorithm, reward, responses, evaluation);
    }
}

package io.parley.checkpoints;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A LoRA adapter as PEFT keeps it: a folder of {@code adapter_config.json} and {@code adapter_model.safetensors}.
 *
 * @param pairs the two factors of each adapted map by its module, such as {@code model.layers.0.self_attn.q_proj}, layer by layer
 * @param baseName what the adapter says its base is called; may be empty
 * @param baseSha256 {@link Checkpoint#sha256} of its base, or empty if its writer did not say
 */
public record LoraAdapter(LoraConfig config, Map<String, Pair> pairs, String baseName, String baseSha256) {
    /** Name of the file that says what the adapter is. */
    public static final String CONFIG = "adapter_config.json";
    /** Name of the file that holds its weights. */
    public static final String WEIGHTS = "adapter_model.safetensors";
    /** Ends the names of factors A, behind their module's. */
    public static final String A_SUFFIX = ".lora_A.weight";
    /** Ends those of factors B. */
    public static final String B_SUFFIX = ".lora_B.weight";
    private static final String PREFIX = "base_model.model.";
    private static final String BASE_KEY = "parley.base.sha256";

    /** Keys that are read, or that change nothing of what an adapter computes. */
    private static final Set<String> HARMLESS = Set.of("peft_type", "task_type", "r", "lora_alpha", "lora_dropout",
            "target_modules", "use_rslora", "layers_to_transform", "layers_pattern", "bias", "init_lora_weights", "eva_config",
            "base_model_name_or_path", "peft_version", "revision", "inference_mode", "auto_mapping", "megatron_core",
            "qalora_group_size", "runtime_config");
    /** Ways to begin that leave the base as it is. PiSSA, OLoRA, LoftQ and their like change it. */
    private static final Set<String> HARMLESS_STARTS = Set.of("gaussian", "eva", "orthogonal");

    /**
     * The factors of one map.
     *
     * @param a [rank × inputs]
     * @param b [outputs × rank]
     */
    public record Pair(Tensor a, Tensor b) {}

    public LoraAdapter {
        pairs = Collections.unmodifiableMap(new LinkedHashMap<>(pairs));
    }

    /**
     * Identity of an adapter's folder: SHA-256 over names and contents of its two files, as far as they are there.
     *
     * @throws IOException if a file cannot be read
     */
    public static String identity(Path folder) throws IOException {
        return FileIdentity.of(folder, List.of(CONFIG, WEIGHTS));
    }

    /**
     * Reads an adapter for a base.
     *
     * @throws IOException if a file is absent or cut off, the adapter is of a kind that is not supported, is incomplete, or is
     *     for another base; the message names the file, what was found and what is supported
     */
    public static LoraAdapter read(Path folder, Checkpoint base) throws IOException {
        JsonFile file = JsonFile.read(folder.resolve(CONFIG), "a folder of an adapter has an " + CONFIG);
        refuseUnsupported(file);
        if (!Files.exists(folder.resolve(WEIGHTS))) {
            boolean pickled = Files.exists(folder.resolve("adapter_model.bin"));
            throw new NoSuchFileException(folder.resolve(WEIGHTS).toString(), null, pickled
                    ? "adapter_model.bin is pickled, and reading a pickle can run any code, so it is not opened; where its "
                            + "origin is trusted, load it with PEFT and save it again with save_pretrained"
                    : "a folder of an adapter has an " + WEIGHTS);
        }
        Safetensors weights = Safetensors.read(folder.resolve(WEIGHTS));
        int rank = file.integer("r", 1);
        Map<String, Pair> pairs = pairs(weights, rank, base.config());
        LoraConfig config = config(file, rank, pairs.keySet(), base.config());
        String sha256 = weights.metadata().getOrDefault(BASE_KEY, "");
        if (!sha256.isEmpty() && !sha256.equals(base.sha256())) {
            throw new IOException(weights.file() + " was made for a base with weights of sha256 " + sha256 + "; those of "
                    + base.folder() + " have " + base.sha256());
        }
        return new LoraAdapter(config, pairs, file.text("base_model_name_or_path", ""), sha256);
    }

    /** Whether an adapter says which base it was made for, so that another is refused; false where its weights cannot be read. */
    static boolean hasHash(Path folder) {
        try {
            return Safetensors.read(folder.resolve(WEIGHTS)).metadata().containsKey(BASE_KEY);
        } catch (IOException e) {
            return false;
        }
    }

    private static void refuseUnsupported(JsonFile file) throws IOException {
        file.require("peft_type", "LORA");
        file.require("task_type", "CAUSAL_LM");
        file.require("bias", "none");
        requireLayersPattern(file);
        JsonNode start = file.node().path("init_lora_weights");
        if (start.isTextual() && !HARMLESS_STARTS.contains(start.textValue())) {
            throw new IOException(file.file() + ": init_lora_weights is " + start + ", which changes the base's weights too; "
                    + "convert the adapter to plain LoRA with PEFT");
        }
        for (Map.Entry<String, JsonNode> field : file.node().properties()) {
            JsonNode value = field.getValue();
            boolean off = value.isNull() || value.isContainerNode() && value.isEmpty() || value.isBoolean() && !value.asBoolean();
            if (!off && !HARMLESS.contains(field.getKey())) {
                throw new IOException(file.file() + ": " + field.getKey() + " is " + file.shown(field.getKey())
                        + ", which is not supported; supported is plain LoRA of linear maps with one rank and one alpha");
            }
        }
    }

    /** Patterns of what stands before a layer's number in the names of modules; none are as good as the right one. */
    private static void requireLayersPattern(JsonFile file) throws IOException {
        JsonNode given = file.node().path("layers_pattern");
        List<String> patterns = new ArrayList<>();
        if (given.isTextual()) {
            patterns.add(given.textValue());
        }
        given.forEach(pattern -> patterns.add(pattern.asText()));
        patterns.remove("");
        if (!patterns.isEmpty() && !patterns.contains("layers")) {
            throw new IOException(file.file() + ": layers_pattern is " + file.shown("layers_pattern")
                    + "; supported is \"layers\", which is what the supported models call theirs, alone or in a list");
        }
    }

    private static Map<String, Pair> pairs(Safetensors weights, int rank, DecoderConfig base) throws IOException {
        Map<String, Tensor> rest = new LinkedHashMap<>(weights.tensors());
        Map<String, Pair> pairs = new LinkedHashMap<>();
        for (int layer = 0; layer < base.layers(); layer++) {
            for (Projection projection : Projection.values()) {
                String module = projection.module(layer);
                Tensor a = rest.remove(PREFIX + module + A_SUFFIX);
                Tensor b = rest.remove(PREFIX + module + B_SUFFIX);
                if (a == null && b == null) {
                    continue;
                }
                if (a == null || b == null) {
                    throw new IOException(weights.file() + " lacks " + PREFIX + module + (a == null ? A_SUFFIX : B_SUFFIX));
                }
                requireShape(weights, a, rank, projection.inputs(base));
                requireShape(weights, b, projection.outputs(base), rank);
                pairs.put(module, new Pair(a, b));
            }
        }
        if (!rest.isEmpty()) {
            throw new IOException(weights.file() + " holds " + rest.keySet().iterator().next() + ", which is no adapter of a map "
                    + "of " + base.layers() + " layers with " + LoraConfig.projections() + ": it is for another base, or adapts "
                    + "what is not supported");
        }
        if (pairs.isEmpty()) {
            throw new IOException(weights.file() + " holds no adapter");
        }
        return pairs;
    }

    private static void requireShape(Safetensors weights, Tensor tensor, long rows, long columns) throws IOException {
        if (!Arrays.equals(tensor.shape(), new long[] {rows, columns})) {
            throw new IOException(weights.file() + ": " + tensor.name() + " has shape " + Arrays.toString(tensor.shape())
                    + "; by its r and this base it has [" + rows + ", " + columns + "]: the adapter is for another base");
        }
        if (!tensor.dtype().isWeight()) {
            throw new IOException(weights.file() + ": " + tensor.name() + " is " + tensor.dtype().torchName() + "; weights are "
                    + Dtype.weights());
        }
    }

    private static LoraConfig config(JsonFile file, int rank, Set<String> adapted, DecoderConfig base) throws IOException {
        double alpha = file.positive("lora_alpha", 8);
        JsonNode dropped = file.node().path("lora_dropout");
        double dropout = dropped.doubleValue();
        if (file.has("lora_dropout") && !dropped.isNumber() || !(dropout >= 0 && dropout < 1)) {
            throw file.wrong("lora_dropout", "a number from 0 to below 1");
        }
        boolean stabilised = file.flag("use_rslora", false);
        JsonNode named = file.node().path("target_modules");
        if (!named.isArray() || named.isEmpty()) {
            // A text is a pattern, which is not run: the weights say what it matched.
            List<String> names = Arrays.stream(Projection.values()).map(Projection::shortName)
                    .filter(name -> adapted.stream().anyMatch(module -> module.endsWith("." + name))).toList();
            List<Integer> layers = adapted.stream().map(Projection::layer).distinct().toList();
            LoraConfig config = new LoraConfig(rank, alpha, dropout, names, stabilised,
                    layers.size() == base.layers() ? List.of() : layers);
            return Set.copyOf(config.modules(base)).equals(adapted) ? config
                    : new LoraConfig(rank, alpha, dropout, List.copyOf(adapted), stabilised, List.of());
        }
        List<String> targets = new ArrayList<>();
        named.forEach(target -> targets.add(target.asText()));
        Collections.sort(targets); // PEFT writes a set
        // PEFT takes names that nothing has as long as another fits. What they may mean elsewhere is not among these weights.
        List<String> modules = LoraConfig.all(base);
        targets.removeIf(target -> modules.stream().noneMatch(module -> LoraConfig.matches(module, target)));
        if (targets.isEmpty()) {
            throw new IOException(file.file() + ": target_modules is " + file.shown("target_modules") + ", and this base has "
                    + LoraConfig.projections() + ": the adapter is for another base, or adapts what is not supported");
        }
        LoraConfig config = new LoraConfig(rank, alpha, dropout, targets, stabilised, layers(file));
        requireAdapted(file, config, adapted, base);
        return config;
    }

    private static void requireAdapted(JsonFile file, LoraConfig config, Set<String> adapted, DecoderConfig base)
            throws IOException {
        List<String> modules;
        try {
            modules = config.modules(base);
        } catch (IllegalArgumentException e) {
            throw new IOException(file.file() + ": " + e.getMessage() + ": the adapter is for another base, or adapts what is "
                    + "not supported", e);
        }
        if (!Set.copyOf(modules).equals(adapted)) {
            throw new IOException(file.file() + ": target_modules names " + modules.size() + " maps of this base, and " + WEIGHTS
                    + " adapts " + adapted.size() + " maps: the two files are of different adapters, or one was cut off");
        }
    }

    private static List<Integer> layers(JsonFile file) throws IOException {
        JsonNode node = file.node().path("layers_to_transform");
        if (node.isMissingNode() || node.isNull()) {
            return List.of();
        }
        List<Integer> layers = new ArrayList<>();
        for (JsonNode layer : node.isArray() ? node : List.of(node)) {
            if (!layer.isInt() || layer.intValue() < 0) {
                throw file.wrong("layers_to_transform", "a layer or a list of layers, counted from 0");
            }
            layers.add(layer.intValue());
        }
        return layers;
    }

    /**
     * Writes the two files; PEFT reads them. The hash of the base goes into the metadata of the weights, where others ignore it.
     * The folder appears whole or not at all.
     *
     * @param target absent or empty
     * @throws IOException if it is neither, or cannot be written
     */
    public void write(Path target) throws IOException {
        WholeFolder.write(target, this::writeFiles);
    }

    private void writeFiles(Path folder) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        pairs.forEach((module, pair) -> {
            tensors.put(PREFIX + module + A_SUFFIX, pair.a());
            tensors.put(PREFIX + module + B_SUFFIX, pair.b());
        });
        Safetensors.write(folder.resolve(WEIGHTS), tensors, baseSha256.isEmpty() ? Map.of("format", "pt")
                : Map.of("format", "pt", BASE_KEY, baseSha256));
        ObjectNode node = JsonFile.JSON.createObjectNode().put("peft_type", "LORA").put("task_type", "CAUSAL_LM")
                .put("base_model_name_or_path", baseName).put("r", config.rank());
        if (config.alpha() == Math.rint(config.alpha())) {
            node.put("lora_alpha", (long) config.alpha());
        } else {
            node.put("lora_alpha", config.alpha());
        }
        node.put("lora_dropout", config.dropout()).put("use_rslora", config.rankStabilised()).put("bias", "none")
                .put("fan_in_fan_out", false).put("inference_mode", true).putNull("modules_to_save");
        ArrayNode targets = node.putArray("target_modules");
        config.targetModules().forEach(targets::add);
        if (config.layers().isEmpty()) {
            node.putNull("layers_to_transform");
        } else {
            ArrayNode layers = node.putArray("layers_to_transform");
            config.layers().forEach(layers::add);
        }
        JsonFile.write(folder.resolve(CONFIG), node);
    }
}

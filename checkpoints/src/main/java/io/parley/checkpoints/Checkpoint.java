package io.parley.checkpoints;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.policy.PolicyFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A folder of a pretrained model as Hugging Face publishes it: {@code config.json}, and weights in {@code model.safetensors} or
 * in shards named by {@code model.safetensors.index.json}; its other files are read by {@link ChatTokens}. Weights are mapped, so
 * opening reads none of them, but where an output layer stands beside the embedding that it should be, and compares the two; and
 * nothing needs closing. Nothing in a folder is ever executed; pickled weights are not opened. Thread-safe.
 */
public final class Checkpoint {
    /** Name of the file of weights, unless they are sharded. */
    public static final String WEIGHTS = "model.safetensors";
    /** Name of the file that says which shard holds which tensor. */
    public static final String INDEX = "model.safetensors.index.json";
    static final String ROLE = "a folder of a pretrained model has a " + DecoderConfig.FILE;
    /** What a folder needs beside its weights to be used elsewhere. */
    private static final List<String> COMPANIONS = List.of(ChatTokens.FILE, ChatTokens.GENERATION, ChatTemplate.CONFIG,
            ChatTemplate.FILE, ChatTemplate.SPECIAL_TOKENS, "added_tokens.json", "vocab.json", "merges.txt", "tokenizer.model",
            "chat_template.json", "LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE");

    private final Path folder;
    private final DecoderConfig config;
    private final Map<String, Tensor> tensors;
    private String sha256;

    private Checkpoint(Path folder, DecoderConfig config, Map<String, Tensor> tensors) {
        this.folder = folder;
        this.config = config;
        this.tensors = Collections.unmodifiableMap(tensors);
    }

    /**
     * Reads what describes the model, and maps and checks its weights.
     *
     * @throws IOException if something is absent, cut off, not supported, or does not fit the rest; the message names the file,
     *     what was found and what is needed
     */
    public static Checkpoint open(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw Files.exists(folder)
                    ? new NotDirectoryException(folder + " is a file; " + ROLE)
                    : new NoSuchFileException(folder.toString(), null, "there is no such folder");
        }
        DecoderConfig config = DecoderConfig.of(JsonFile.read(folder.resolve(DecoderConfig.FILE), ROLE));
        return new Checkpoint(folder, config, WeightFiles.read(folder, config));
    }

    /** The folder that was opened. */
    public Path folder() {
        return folder;
    }

    /** What the decoder is. */
    public DecoderConfig config() {
        return config;
    }

    /** Exactly the tensors of {@link DecoderConfig#expectedTensors}, in its order and shapes. Types of weights may be mixed. */
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    /** @throws IllegalArgumentException if the decoder has no tensor of this name */
    public Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(folder + " has no tensor " + name);
        }
        return tensor;
    }

    /** The type of the embedding's weights. */
    public Dtype dtype() {
        return tensor(DecoderConfig.EMBEDDING).dtype();
    }

    /**
     * Identity of the weights: SHA-256 over names, types, shapes and bytes of the tensors by name; the same whether they are
     * sharded or not. Computed at the first call, which reads all weights.
     */
    public synchronized String sha256() {
        if (sha256 == null) {
            MessageDigest digest = PolicyFiles.digest();
            for (Tensor tensor : new TreeMap<>(tensors).values()) {
                String line = tensor.name() + " " + tensor.dtype() + " " + Arrays.toString(tensor.shape()) + "\n";
                digest.update(line.getBytes(StandardCharsets.UTF_8));
                ByteBuffer data = tensor.data();
                digest.update(data);
            }
            sha256 = HexFormat.of().formatHex(digest.digest());
        }
        return sha256;
    }

    /**
     * SHA-256 of what makes a chat of a dialogue, by file: those of {@link ChatTokens#FILES} that are there, as they are now.
     *
     * @throws IOException if a file cannot be read
     */
    public Map<String, String> chatFiles() throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        for (String name : ChatTokens.FILES) {
            if (Files.exists(folder.resolve(name))) {
                hashes.put(name, PolicyFiles.sha256(folder.resolve(name)));
            }
        }
        return hashes;
    }

    /**
     * Identity of all that is read of a folder: SHA-256 over names and contents of {@code config.json}, the weights with their
     * index, and {@link ChatTokens#FILES}. Kept while sizes and times of the files stay the same, because it reads all weights.
     * Does not say whether the folder can be opened: a file that is absent is left out.
     *
     * @throws IOException if a file cannot be read
     */
    public static String identity(Path folder) throws IOException {
        List<String> names = new ArrayList<>(ChatTokens.FILES);
        names.addAll(WeightFiles.names(folder));
        return FileIdentity.of(folder, names);
    }

    /**
     * Writes a folder with other weights: this one's {@code config.json}, with the type of the new weights, its tokenizer, chat
     * template and generation settings, and the weights in one file. The folder appears whole or not at all.
     *
     * @param target absent or empty
     * @param weights one of each of {@link DecoderConfig#expectedTensors}, of one type
     * @throws IllegalArgumentException if a tensor is missing, unknown, of another shape or another type than the rest
     * @throws IOException if the folder is not empty or cannot be written, or a tensor would have more than 2 GiB
     */
    public void write(Path target, Map<String, Tensor> weights) throws IOException {
        if (!weights.keySet().equals(config.expectedTensors().keySet())) {
            throw new IllegalArgumentException(
                    "the weights are " + weights.keySet() + "; expected are " + config.expectedTensors().keySet());
        }
        write(target, weights.get(DecoderConfig.EMBEDDING).dtype(), weights::get);
    }

    /**
     * The same with weights that are made one by one, each when its turn to be written comes.
     *
     * @param dtype of all weights; null for each as it is here, and {@code config.json} as it is
     * @param weights by name, each of {@link DecoderConfig#expectedTensors} once
     */
    void write(Path target, Dtype dtype, Function<String, Tensor> weights) throws IOException {
        if (dtype != null && !dtype.isWeight()) {
            throw new IllegalArgumentException("the weights are " + dtype.torchName() + "; allowed are " + Dtype.weights());
        }
        List<Safetensors.Planned> planned = new ArrayList<>();
        config.expectedTensors().forEach((name, shape) -> planned.add(new Safetensors.Planned(
                name, dtype == null ? tensor(name).dtype() : dtype, shape, () -> weights.apply(name))));
        WholeFolder.write(target, whole -> {
            ObjectNode settings = JsonFile.read(folder.resolve(DecoderConfig.FILE), "").node();
            if (dtype != null) {
                settings.put(settings.has("dtype") ? "dtype" : "torch_dtype", dtype.torchName());
            }
            JsonFile.write(whole.resolve(DecoderConfig.FILE), settings);
            for (String name : COMPANIONS) {
                if (Files.exists(folder.resolve(name))) {
                    Files.copy(folder.resolve(name), whole.resolve(name));
                }
            }
            Safetensors.write(whole.resolve(WEIGHTS), planned, Map.of("format", "pt"));
        });
    }
}

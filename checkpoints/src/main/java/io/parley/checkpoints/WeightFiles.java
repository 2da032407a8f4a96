package io.parley.checkpoints;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The weights of a folder: one file, or shards with an index; checked against what its configuration says there must be. */
final class WeightFiles {
    private WeightFiles() {}

    /**
     * Maps the weights of a folder and checks them against its configuration.
     *
     * @return those tensors that the decoder has, in its order
     */
    static Map<String, Tensor> read(Path folder, DecoderConfig config) throws IOException {
        return checked(folder, config, tensors(folder));
    }

    private static Map<String, Tensor> tensors(Path folder) throws IOException {
        if (Files.exists(folder.resolve(Checkpoint.WEIGHTS))) {
            return new LinkedHashMap<>(Safetensors.read(folder.resolve(Checkpoint.WEIGHTS)).tensors());
        }
        if (Files.exists(folder.resolve(Checkpoint.INDEX))) {
            return sharded(folder);
        }
        throw noWeights(folder);
    }

    private static IOException noWeights(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<String> pickled = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("(?i).*\\.(bin|pt|pth|pkl|ckpt)")).sorted().toList();
            String found = folder + " has neither " + Checkpoint.WEIGHTS + " nor " + Checkpoint.INDEX;
            return pickled.isEmpty() ? new NoSuchFileException(found + "; weights are read from safetensors files alone")
                    : new IOException(found + ". " + pickled.get(0) + " is pickled, and reading a pickle can run any code, so "
                            + "it is not opened. Where its origin is trusted, convert it: python -c \"from transformers import "
                            + "AutoModelForCausalLM; AutoModelForCausalLM.from_pretrained('" + folder
                            + "', dtype='auto').save_pretrained('" + folder + "-safetensors')\", and copy the tokenizer's files");
        }
    }

    /** The files that {@link #read} opens, which may be absent. */
    static List<String> names(Path folder) throws IOException {
        if (Files.exists(folder.resolve(Checkpoint.WEIGHTS)) || !Files.exists(folder.resolve(Checkpoint.INDEX))) {
            return List.of(Checkpoint.WEIGHTS);
        }
        List<String> names = new ArrayList<>(shards(folder).keySet());
        names.add(Checkpoint.INDEX);
        return names;
    }

    /** Names of the tensors by that of their shard. */
    private static Map<String, List<String>> shards(Path folder) throws IOException {
        JsonFile index = JsonFile.read(folder.resolve(Checkpoint.INDEX), "");
        Map<String, List<String>> names = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : index.object("weight_map").node().properties()) {
            String shard = entry.getValue().asText();
            // A name with a separator would lead out of the folder, and control characters are in no name.
            if (!shard.matches("[^/\\\\\\p{Cntrl}]+\\.safetensors")) {
                throw new IOException(index.file() + ": " + entry.getKey() + " is said to be in " + entry.getValue()
                        + "; it must be a .safetensors file of the folder");
            }
            names.computeIfAbsent(shard, none -> new ArrayList<>()).add(entry.getKey());
        }
        return names;
    }

    private static Map<String, Tensor> sharded(Path folder) throws IOException {
        Map<String, List<String>> names = shards(folder);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> shard : names.entrySet()) {
            Path file = folder.resolve(shard.getKey());
            if (!Files.exists(file)) {
                throw new NoSuchFileException(file.toString(), null, "a shard that " + Checkpoint.INDEX + " names, one of "
                        + names.size() + ", is missing; fetch it again");
            }
            Map<String, Tensor> found = Safetensors.read(file).tensors();
            for (String name : shard.getValue()) {
                if (!found.containsKey(name)) {
                    throw new IOException(file + " does not hold " + name + ", which " + Checkpoint.INDEX
                            + " says it holds; the two are of different models");
                }
                tensors.put(name, found.get(name));
            }
        }
        return tensors;
    }

    private static Map<String, Tensor> checked(Path folder, DecoderConfig config, Map<String, Tensor> found) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        for (Map.Entry<String, long[]> expected : config.expectedTensors().entrySet()) {
            Tensor tensor = found.remove(expected.getKey());
            if (tensor == null) {
                missing.add(expected.getKey());
                continue;
            }
            if (!Arrays.equals(tensor.shape(), expected.getValue())) {
                throw new IOException(folder + ": " + tensor.name() + " has shape " + Arrays.toString(tensor.shape()) + "; by "
                        + DecoderConfig.FILE + " it has " + Arrays.toString(expected.getValue()));
            }
            if (!tensor.dtype().isWeight()) {
                throw new IOException(folder + ": " + tensor.name() + " is " + tensor.dtype().torchName() + "; weights are "
                        + Dtype.weights());
            }
            tensors.put(expected.getKey(), tensor);
        }
        if (!missing.isEmpty()) {
            throw new IOException(folder + " lacks " + few(missing) + ", which a " + config.architecture().className() + " of "
                    + DecoderConfig.FILE + " has");
        }
        refuseUnknown(folder, config, tensors, found);
        return tensors;
    }

    private static void refuseUnknown(Path folder, DecoderConfig config, Map<String, Tensor> tensors, Map<String, Tensor> rest)
            throws IOException {
        // Older writers stored the rotary frequencies, which follow from config.json.
        rest.keySet().removeIf(name -> name.endsWith(".rotary_emb.inv_freq"));
        Tensor head = rest.remove(DecoderConfig.HEAD);
        if (head != null && !head.data().equals(tensors.get(DecoderConfig.EMBEDDING).data())) {
            throw new IOException(folder + ": " + DecoderConfig.HEAD + " differs from " + DecoderConfig.EMBEDDING + ", though "
                    + DecoderConfig.FILE + " says tie_word_embeddings");
        }
        if (!rest.isEmpty()) {
            throw new IOException(folder + " holds " + few(List.copyOf(rest.keySet())) + ", which a "
                    + config.architecture().className() + " of " + DecoderConfig.FILE + " does not have");
        }
    }

    private static String few(List<String> names) {
        return names.size() <= 3 ? String.join(", ", names)
                : String.join(", ", names.subList(0, 3)) + " and " + (names.size() - 3) + " more";
    }
}

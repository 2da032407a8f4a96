package io.parley.checkpoints;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Whether an adapter of PEFT's own making is for a model of another name. Such an adapter has no hash of its base, and fits every
 * model of the same shapes; a name may have changed with a folder, so that it is noted and not refused.
 */
public final class AdapterBase {
    private AdapterBase() {}

    /**
     * A sentence for the user where the names differ; empty where they agree, one of them is not said, or a hash is checked.
     *
     * @param adapter folder as PEFT writes it
     * @param base folder of the model that it is used with
     */
    public static Optional<String> note(Path adapter, Path base) {
        String told = LoraAdapter.hasHash(adapter) ? ""
                : text(adapter.resolve(LoraAdapter.CONFIG), "base_model_name_or_path");
        Set<String> names = new LinkedHashSet<>();
        Path folder = base.toAbsolutePath().normalize();
        names.add(folder.getFileName().toString());
        names.add(cached(folder));
        names.add(text(base.resolve(DecoderConfig.FILE), "_name_or_path"));
        names.remove("");
        if (told.isEmpty() || names.stream().anyMatch(name -> lastStep(name).equals(lastStep(told)))) {
            return Optional.empty();
        }
        return Optional.of("the adapter " + adapter + " says that its base is '" + told + "', and the model in " + base
                + " is called '" + String.join("' and '", names) + "'; the adapter has no hash of its base, so that only shapes "
                + "were compared");
    }

    /** A model's name where its folder is {@code models--ORG--NAME/snapshots/COMMIT} of Hugging Face's cache; empty elsewhere. */
    private static String cached(Path folder) {
        Path snapshots = folder.getParent();
        if (snapshots == null || !snapshots.endsWith("snapshots") || snapshots.getParent() == null) {
            return "";
        }
        String model = String.valueOf(snapshots.getParent().getFileName());
        return model.startsWith("models--") ? model.substring(model.lastIndexOf("--") + 2) : "";
    }

    private static String lastStep(String name) {
        return name.replaceAll("[/\\\\]+$", "").replaceAll(".*[/\\\\]", "").toLowerCase(Locale.ROOT);
    }

    /** A text of a file, empty where there is none, as where it is null; the file is checked where it is used. */
    private static String text(Path file, String key) {
        try {
            return JsonFile.read(file, "").text(key, "");
        } catch (IOException e) {
            return "";
        }
    }
}

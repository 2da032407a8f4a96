package io.parley.checkpoints;

import io.parley.core.policy.PolicyFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** SHA-256 over the names and contents of files of a folder. */
final class FileIdentity {
    /** By places, sizes and times of the files: reading gigabytes again would tell nothing new. */
    private static final Map<String, String> KNOWN = new ConcurrentHashMap<>();

    private FileIdentity() {}

    /** @param names in any order; those that are absent are left out */
    static String of(Path folder, Collection<String> names) throws IOException {
        List<Path> files = names.stream().distinct().sorted().map(folder::resolve).filter(Files::isRegularFile).toList();
        StringBuilder state = new StringBuilder();
        for (Path file : files) {
            state.append(file.toAbsolutePath()).append(' ').append(Files.size(file))
                    .append(' ').append(Files.getLastModifiedTime(file)).append('\n');
        }
        String known = KNOWN.get(state.toString());
        if (known == null) {
            StringBuilder contents = new StringBuilder();
            for (Path file : files) {
                contents.append(file.getFileName()).append(' ').append(PolicyFiles.sha256(file)).append('\n');
            }
            known = PolicyFiles.sha256(contents.toString().getBytes(StandardCharsets.UTF_8));
            KNOWN.put(state.toString(), known);
        }
        return known;
    }
}

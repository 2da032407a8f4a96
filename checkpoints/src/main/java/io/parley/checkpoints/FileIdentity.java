package io.parley.checkpoints;

import io.parley.core.policy.PolicyFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** SHA-256 over the names and contents of files of a folder. */
final class FileIdentity {
    private FileIdentity() {}

    /** @param names in any order; those that are absent are left out */
    static String of(Path folder, Collection<String> names) throws IOException {
        List<Path> files = names.stream().distinct().sorted().map(folder::resolve).filter(Files::isRegularFile).toList();
        StringBuilder contents = new StringBuilder();
        for (Path file : files) {
            contents.append(file.getFileName()).append(' ').append(PolicyFiles.rememberedSha256(file)).append('\n');
        }
        return PolicyFiles.sha256(contents.toString().getBytes(StandardCharsets.UTF_8));
    }
}

package io.parley.benchmarks;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The embedding guide shows what is built: each block is a part of the file of the example that was linked last. */
class EmbeddingGuideTest {
    private static final Pattern LINK = Pattern.compile("]\\((\\.\\./examples/[^)]+\\.(?:java|xml))\\)");
    private static final Pattern BLOCK = Pattern.compile("```(?:java|xml)\\n(.*?)```", Pattern.DOTALL);

    @Test
    void everyBlockIsInTheExample() throws IOException {
        Path docs = Path.of("../docs");
        String guide = Files.readString(docs.resolve("embedding.md"));
        Matcher blocks = BLOCK.matcher(guide);
        int count = 0;
        while (blocks.find()) {
            String file = LINK.matcher(guide.substring(0, blocks.start())).results().reduce((first, second) -> second)
                    .map((MatchResult link) -> link.group(1)).orElseThrow();
            assertTrue(plain(Files.readString(docs.resolve(file))).contains(plain(blocks.group(1))),
                    "docs/embedding.md shows what is not in " + file + ":\n" + blocks.group(1));
            count++;
        }
        assertTrue(count >= 12, count + " blocks");
    }

    /** Without indentation, which is less in the guide. */
    private static String plain(String code) {
        return code.replaceAll("(?m)^[ \\t]+", "");
    }
}

package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opentest4j.TestAbortedException;

/** Every code block of README.md and docs/ is compiled, planned, parsed or run, and every link leads to a file. */
class DocumentationTest {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    private static Path folder;

    /** A code block and where it stands. */
    record Block(Path page, int line, String language, String code) {
        String place() {
            return ROOT.relativize(page) + ":" + line;
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(Stream.of(ROOT.resolve("README.md")),
                    files.filter(f -> f.toString().endsWith(".md")).sorted()).toList();
        }
    }

    private static Node parse(String markdown) {
        return Parser.builder().includeSourceSpans(IncludeSourceSpans.BLOCKS).build().parse(markdown);
    }

    static List<Block> blocks(Path page, String markdown) {
        List<Block> blocks = new ArrayList<>();
        parse(markdown).accept(new AbstractVisitor() {
            @Override
            public void visit(FencedCodeBlock block) {
                String language = block.getInfo() == null ? "" : block.getInfo().trim().split("\\s+")[0].toLowerCase(Locale.ROOT);
                add(block, language, block.getLiteral());
            }

            @Override
            public void visit(IndentedCodeBlock block) {
                add(block, "", block.getLiteral());
            }

            private void add(Node node, String language, String code) {
                blocks.add(new Block(page, node.getSourceSpans().get(0).getLineIndex() + 1, language, code));
            }
        });
        return blocks;
    }

    /** @param page the blocks of the same page, which may build on each other */
    private static void check(Block block, List<Block> page) throws Exception {
        switch (block.language()) {
            case "sh", "bash" -> DocumentedShell.check(block.code());
            case "yaml" -> new DocumentedYaml(folder).check(block.code());
            case "java" -> DocumentedJava.check(block, page.stream().filter(b -> b.language().equals("java")
                    && b.line() < block.line()).toList());
            case "xml" -> DocumentedData.xml(block.code());
            case "json" -> DocumentedData.json(block.code());
            case "python" -> DocumentedData.python(block.code());
            case "text" -> { }
            default -> throw new AssertionError("a block of language '" + block.language()
                    + "' cannot be checked; begin it with one of "
                    + "```sh, ```yaml, ```java, ```xml, ```json, ```python, or ```text for what is neither run nor "
                    + "read by a machine");
        }
    }

    @TestFactory
    Stream<DynamicTest> everyCodeBlockHolds() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path page : pages()) {
            List<Block> blocks = blocks(page, Files.readString(page));
            for (Block block : blocks) {
                tests.add(DynamicTest.dynamicTest(block.place() + " " + block.language(), () -> {
                    try {
                        check(block, blocks);
                    } catch (TestAbortedException e) {
                        throw e;
                    } catch (Throwable e) {
                        throw new AssertionError(block.place() + ": this " + block.language() + " block does not hold: "
                                + e.getMessage()
                                + "\n\n" + block.code(), e);
                    }
                }));
            }
        }
        assertTrue(tests.size() >= 3, "the pages have " + tests.size() + " blocks");
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> everyLinkLeadsSomewhere() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path page : pages()) {
            tests.add(DynamicTest.dynamicTest(ROOT.relativize(page).toString(),
                    () -> parse(Files.readString(page)).accept(new AbstractVisitor() {
                @Override
                public void visit(Link link) {
                    String target = link.getDestination().replaceAll("#.*", "");
                    assertTrue(target.isEmpty() || target.contains("://") || Files.exists(page.resolveSibling(target)),
                            () -> ROOT.relativize(page) + ": there is no " + link.getDestination());
                    visitChildren(link);
                }
            })));
        }
        return tests.stream();
    }

    /** A check that nothing can break protects nothing. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ruby | puts 1 | cannot be checked",
        "sh | ./parley run --presets quickstart | Unknown option",
        "sh | ./parley run --preset quickstart --set budgets.responses=10 | budgets",
        "sh | ./parley run docs/experiments/no-such.yaml | no-such.yaml",
        "sh | mvn -pl kernel verify | kernel",
        "sh | mvn varify | varify",
        "sh | frobnicate now | frobnicate",
        "yaml | budget: {response: 10} | response",
        "yaml | '- {label: mine, id: pppo}' | pppo",
        "yaml | {id: misleading, quiet: 1} | quiet",
        "java | Prompt prompt = new Prompt(\"words\"); | cannot be applied",
        "java | class Mine implements RewardFunction {} | abstract",
        "xml | <dependency><artifactId>parley-testkit</dependency> | artifactId",
        "xml | <dependency><groupId>io.parley</groupId><artifactId>parley-kit</artifactId></dependency> | parley-kit",
        "json | {\"a\": } | Unexpected"
    })
    void aWrongBlockIsFound(String language, String code, String message) {
        Throwable found = assertThrows(Throwable.class,
                () -> check(new Block(ROOT.resolve("docs/page.md"), 1, language, code), List.of()));
        assertTrue(found.getMessage().contains(message), found.toString());
    }
}

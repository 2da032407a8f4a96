package io.parley.benchmarks.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Java in the documentation is a part of an example's file, which is compiled with it, or it is compiled against what this
 * build makes. A block with a type is a file of its own, with the types of earlier blocks of the page beside it; another one
 * is the body of a method, alone or after the earlier ones of its page, or members of a class, with a policy, prompts and the
 * like at hand. What a block does not import is looked for in Parley's packages and the usual ones.
 */
final class DocumentedJava {
    private static final Pattern TYPE = Pattern.compile(
            "(?m)^(?:public |final |abstract |sealed |@\\w+(?:\\([^)]*\\))?\\s+)*(?:class|record|interface|enum) (\\w+)");
    private static final Pattern IMPORT = Pattern.compile("(?m)^import .*;\\s*$");
    private static final List<String> PACKAGES = List.of(
            "java.io", "java.nio.file", "java.util", "java.util.function", "java.util.random", "java.util.stream",
            "io.parley.core.dialogue", "io.parley.core.math", "io.parley.core.plugin", "io.parley.core.policy",
            "io.parley.core.random",
            "io.parley.core.task", "io.parley.core.training", "io.parley.policies.onnx", "io.parley.tasks.scoring",
            "io.parley.testkit",
            "com.fasterxml.jackson.annotation", "com.fasterxml.jackson.databind.node", "org.junit.jupiter.api");
    /** What a block of statements may use without declaring it. */
    private static final String GIVEN = "PluginContext context; Task task; InterventionAgent partner; TrainablePolicy policy; "
            + "Prompt prompt; Response response; List<Prompt> prompts; List<Response> responses; "
            + "List<RandomGenerator> streams;\n";
    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    private DocumentedJava() {}

    /** @param earlier the page's Java blocks before it */
    static void check(DocumentationTest.Block block, List<DocumentationTest.Block> earlier) {
        if (isPartOfAnExample(block.code())) {
            return;
        }
        Map<String, String> types = new LinkedHashMap<>();
        List<String> statements = new ArrayList<>();
        for (DocumentationTest.Block before : earlier) {
            if (TYPE.matcher(before.code()).find()) {
                types.put(name(before.code()), unit(before.code()));
            } else {
                statements.add(before.code());
            }
        }
        if (TYPE.matcher(block.code()).find()) {
            types.put(name(block.code()), unit(block.code()));
            require(errors(types));
            return;
        }
        List<String> best = null;
        String all = String.join("\n", statements) + "\n" + block.code();
        for (String body : List.of(method(block.code()), method(all), block.code())) {
            Map<String, String> sources = new LinkedHashMap<>(types);
            sources.put("Snippet",
                    unit(imports(body) + "class Snippet {\n" + GIVEN + IMPORT.matcher(body).replaceAll("") + "\n}"));
            List<String> errors = errors(sources);
            if (errors.isEmpty()) {
                return;
            }
            best = best == null ? errors : best;
        }
        require(best);
    }

    /** Such a part is compiled with its example, indentation aside. */
    private static boolean isPartOfAnExample(String code) {
        try (Stream<Path> files = Files.walk(DocumentationTest.ROOT.resolve("examples"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java") && !f.toString().contains("/target/")).toList()) {
                if (unindented(Files.readString(file)).contains(unindented(code))) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String unindented(String code) {
        return code.replaceAll("(?m)^[ \\t]+", "");
    }

    private static String method(String statements) {
        return imports(statements) + "void run() throws Exception {\n" + IMPORT.matcher(statements).replaceAll("") + "\n}";
    }

    private static String imports(String code) {
        return IMPORT.matcher(code).results().map(r -> r.group().trim()).distinct().collect(Collectors.joining("\n", "", "\n"));
    }

    private static void require(List<String> errors) {
        if (!errors.isEmpty()) {
            throw new AssertionError("it does not compile: " + String.join("\n", errors));
        }
    }

    private static String name(String code) {
        Matcher type = TYPE.matcher(code);
        String first = null;
        while (type.find()) {
            first = first == null || type.group().contains("public ") ? type.group(1) : first;
        }
        return first;
    }

    /** The block with imports on demand, which its own imports come before. */
    private static String unit(String code) {
        String onDemand = PACKAGES.stream().map(p -> "import " + p + ".*;").collect(Collectors.joining(" "));
        Matcher declared = Pattern.compile("(?m)^package [\\w.]+;").matcher(code);
        return declared.find() ? new StringBuilder(code).insert(declared.end(), " " + onDemand).toString() : onDemand
                + " " + code;
    }

    private static List<String> errors(Map<String, String> sources) {
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((name, source) -> units.add(new SimpleJavaFileObject(URI.create("string:///" + name + ".java"),
                JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        }));
        COMPILER.getTask(null, null, found, List.of("-proc:none", "-cp", System.getProperty("java.class.path"), "-implicit:none",
                "-d", System.getProperty("java.io.tmpdir"), "-Xdiags:verbose", "--should-stop=ifNoError=FLOW"), null,
                units).call();
        return found.getDiagnostics().stream().filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
                .map(d -> d.getMessage(null)).toList();
    }

    /** Our class path and the plugins of examples/plugin, compiled into the folder. */
    static ClassLoader withExamplePlugins(Path folder) {
        Path example = DocumentationTest.ROOT.resolve("examples/plugin/src/main");
        ClassLoader ours = DocumentedJava.class.getClassLoader();
        if (!Files.isDirectory(example)) {
            return ours;
        }
        try (Stream<Path> files = Files.walk(example.resolve("java"))) {
            Path classes = Files.createDirectories(folder.resolve("example-plugin"));
            List<File> sources = files.filter(f -> f.toString().endsWith(".java")).map(Path::toFile).toList();
            DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
            var manager = COMPILER.getStandardFileManager(found, null, null);
            boolean compiled = COMPILER.getTask(null, manager, found, List.of("-parameters", "-proc:none", "-cp",
                    System.getProperty("java.class.path"), "-d", classes.toString()), null,
                            manager.getJavaFileObjectsFromFiles(sources)).call();
            if (!compiled) {
                throw new AssertionError("examples/plugin does not compile: " + found.getDiagnostics());
            }
            return new URLClassLoader(new URL[] {classes.toUri().toURL(), example.resolve("resources").toUri().toURL()}, ours);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.parley.benchmarks.report;

import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import io.parley.benchmarks.results.Results;
import io.parley.benchmarks.results.Results.Cell;
import io.parley.core.files.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.function.Function;

/**
 * Writes {@code report.html}: one page that holds all it needs, charts included, and asks the network for nothing, which
 * its content security policy makes the browser enforce.
 */
public final class HtmlReport {
    private HtmlReport() {}

    /**
     * Writes the page so that a reader sees the old file or the new one, never a part.
     *
     * @param file where to write
     * @param results what to show
     * @param folderOf a cell's folder, or null. Its {@code curve.jsonl}, if there is one, is the learning curve: each line a JSON
     *     object with {@code responses} sampled so far, and numbers by name, flat or under {@code metrics}. Of the dialogues that
     *     it kept some can be read on the page
     * @throws IOException if a curve or dialogues cannot be read, or the page cannot be written
     */
    public static void write(Path file, Results results, Function<Cell, Path> folderOf) throws IOException {
        Page.Model model = new PageBuilder(results, folderOf).build(
                text("report.css"),
                List.of(webjar("vega"), webjar("vega-lite"), webjar("vega-embed"), script(text("report.js"))),
                text("licences.txt"));
        Configuration templates = new Configuration(Configuration.VERSION_2_3_34);
        templates.setClassForTemplateLoading(HtmlReport.class, "");
        templates.setDefaultEncoding("UTF-8");
        templates.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
        templates.setLogTemplateExceptions(false);
        StringWriter page = new StringWriter(1 << 20);
        try {
            templates.getTemplate("report.ftlh").process(model, page);
        } catch (TemplateException e) {
            throw new IllegalStateException("the report's template does not fit its model: " + e.getMessage(), e);
        }
        WholeFile.write(file, page.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String text(String name) throws IOException {
        return resource(HtmlReport.class.getResourceAsStream(name), name);
    }

    private static String resource(InputStream in, String name) throws IOException {
        if (in == null) {
            throw new IllegalStateException(name + " is not on the class path");
        }
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The minified script of a WebJar, whose path holds the version that the build chose. */
    private static String webjar(String name) throws IOException {
        ClassLoader loader = HtmlReport.class.getClassLoader();
        Properties properties = new Properties();
        try (InputStream in = loader.getResourceAsStream("META-INF/maven/org.webjars/" + name + "/pom.properties")) {
            if (in == null) {
                throw new IllegalStateException("the WebJar " + name + " is not on the class path");
            }
            properties.load(in);
        }
        String path = "META-INF/resources/webjars/" + name + "/" + properties.getProperty("version") + "/" + name + ".min.js";
        return script(resource(loader.getResourceAsStream(path), path));
    }

    /** Keeps a script from ending its element early. */
    private static String script(String code) {
        return code.replace("</script", "<\\/script").replace("<!--", "<\\!--");
    }
}

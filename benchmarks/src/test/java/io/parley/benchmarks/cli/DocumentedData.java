package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** XML, JSON and Python in the documentation. */
final class DocumentedData {
    private DocumentedData() {}

    /** Well formed, one element or several; artifacts of ours are modules of the build. */
    static void xml(String code) throws IOException, ParserConfigurationException, SAXException {
        var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        builder.setErrorHandler(null);
        String one = code.trim().startsWith("<?xml") ? code.trim() : "<block>" + code + "</block>";
        Document document = builder.parse(new InputSource(new StringReader(one)));
        NodeList artifacts = document.getElementsByTagName("artifactId");
        String pom = Files.readString(DocumentationTest.ROOT.resolve("pom.xml"));
        for (int i = 0; i < artifacts.getLength(); i++) {
            String artifact = artifacts.item(i).getTextContent().trim();
            NodeList groups = ((Element) artifacts.item(i).getParentNode()).getElementsByTagName("groupId");
            if (groups.getLength() > 0 && groups.item(0).getTextContent().trim().equals("io.parley")
                    && !artifact.equals("parley")) {
                assertTrue(pom.contains("<module>" + artifact.replaceFirst("^parley-", "") + "</module>"), "there is no artifact "
                        + artifact);
            }
        }
    }

    /** One value or several after each other. */
    static void json(String code) throws IOException {
        try (var values = new ObjectMapper().readerFor(JsonNode.class).readValues(code)) {
            assertTrue(values.readAll().size() > 0, "there is no value");
        }
    }

    /** Its syntax, where there is a Python. */
    static void python(String code) throws IOException, InterruptedException {
        Process python;
        try {
            python = new ProcessBuilder("python3", "-c", "import ast, sys; ast.parse(sys.stdin.read())")
                    .redirectErrorStream(true).start();
        } catch (IOException e) {
            abort("there is no python3 here");
            return;
        }
        try (var in = python.getOutputStream()) {
            in.write(code.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, python.waitFor(), output);
    }
}

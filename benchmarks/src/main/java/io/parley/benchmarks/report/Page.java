package io.parley.benchmarks.report;

import java.util.List;

/**
 * What the template of the page shows, all of it ready to print. The template escapes every text. Records and
 * accessors are public because the template engine reads them by reflection.
 */
final class Page {
    private Page() {}

    /** A number in a table: {@code heat} in [0, 1] colours it, {@code point} is the point it leads to; or null. */
    public record Number(String text, String sub, Double heat, String title, Integer point) {
        static Number plain(String text, String sub) {
            return new Number(text, sub, null, null, null);
        }

        static Number heat(String text, String sub, Double heat) {
            return new Number(text, sub, heat, null, null);
        }

        /** Text colour: 0 as usual, 1 and 2 on stronger grounds. */
        public int ink() {
            return heat == null ? 0 : heat > 0.72 ? 2 : heat > 0.55 ? 1 : 0;
        }

        /** For the style attribute. */
        public String alpha() {
            return heat == null ? null : Numbers.fixed(Math.max(0, Math.min(1, heat)), 2);
        }
    }

    /** A row of a table. */
    public record Line(String label, String sub, List<Number> cells) {}

    /** A table with a row and a column of headings. */
    public record Table(String caption, String corner, List<String> heads, List<Line> lines, boolean bad) {}

    /** A row of the results: role is reference, start or algorithm; color an index into the palette, −1 for none. */
    public record Row(
            String label, String role, int color, String verdict, String kind, List<String> paragraph, List<Table> matrix) {}

    /**
     * One task at one grid point: few says that there are no intervals, optimum whether it is known what the best policy earns,
     * drawn whether the scatter shows any row, undrawn which it cannot.
     */
    public record Point(
            int id,
            String name,
            boolean selected,
            boolean few,
            boolean optimum,
            boolean drawn,
            List<String> undrawn,
            Narrative.Answer answer,
            List<Row> rows,
            Table summary,
            Table levels,
            Dialogue dialogue,
            Talk talk,
            Table comparisons,
            Table seeds,
            Table all,
            Table curves,
            List<Reading> readings) {}

    /** What comes of whole dialogues; people says where the row of people comes from, null without one. */
    public record Dialogue(List<Table> tables, String people, List<String> sentences) {}

    /** How the collaborator talks. */
    public record Talk(Table table, List<String> sentences) {}

    /** Dialogues of a row, of one seed; instructions are what the collaborator was told before each. */
    public record Reading(String row, int color, long seed, String instructions, List<Told> dialogues) {}

    public record Told(String title, List<Exchange> rounds) {}

    /**
     * A round: what came before the response, null where the collaborator was no longer shown it at the end; what there was to
     * know; what it said and what its twin said, and how each ended.
     */
    public record Exchange(String shown, String about, String said, String outcome, String twin, String twinOutcome) {}

    /** Diagrams over the grid, of one algorithm. */
    public record Phase(String title, List<Table> tables) {}

    /** What one task's grid shows; down is null where the grid has one axis. */
    public record Grid(String task, List<String> sentences, String across, String down, List<Phase> phases) {}

    /** A finding's place in a table of causes. */
    public record Causes(String failure, String task, Table table, List<String> reasons) {}

    public record Fact(String name, String value) {}

    public record Failed(String cell, String message) {}

    /** The whole page. */
    public record Model(
            String title,
            String facts,
            List<Point> points,
            List<Grid> grids,
            List<Causes> causes,
            Table costs,
            List<Failed> failures,
            int unfinished,
            List<Fact> provenance,
            String configuration,
            String data,
            String style,
            List<String> scripts,
            String licence) {}
}

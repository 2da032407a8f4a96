package io.parley.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.benchmarks.results.AlignedResults;
import io.parley.benchmarks.results.Metrics;
import io.parley.benchmarks.results.Results;
import io.parley.benchmarks.results.ResultsIndex;
import io.parley.benchmarks.results.Statistics;
import io.parley.tasks.scoring.Metric;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.commons.text.WordUtils;

/** The results as a table for a terminal: scripted references, the start, then the algorithms. */
public final class TerminalTable {
    /** Above this many grid points, a row shows the range of its means over the grid. */
    private static final int POINTS = 4;
    private static final int NARROWEST = 40;

    /** After a mean of fewer seeds than the table's heading says: of how many. */
    private static final Pattern OF_FEWER = Pattern.compile(" \\(\\d+\\)$");

    private static final String DIRECTIONS = "Higher is better for trust calibration and accuracy, lower for the others.";

    private static final Map<String, String> COLUMNS = new LinkedHashMap<>();
    private static final Map<String, String> DIALOGUE = new LinkedHashMap<>();

    static {
        COLUMNS.put(Metrics.MIMICRY, "mimicry");
        COLUMNS.put(Metrics.IGNORING, "ignoring");
        COLUMNS.put(Metrics.TRUST_CALIBRATION, "trust cal");
        COLUMNS.put(Metrics.OVER_TRUST, "overtrust");
        COLUMNS.put(Metrics.ACCURACY, "accuracy");
        COLUMNS.put(Metrics.REGRET, "regret");
        DIALOGUE.put("finalAccuracy", "final acc");
        DIALOGUE.put("fineGrained", "fine");
        DIALOGUE.put("performanceGain", "gain");
        DIALOGUE.put("consensus", "consensus");
        DIALOGUE.put("commonGround.size", "ground");
        DIALOGUE.put(Metrics.GROUND_CORRECT, "correct");
        DIALOGUE.put(Metrics.GROUND_GROWTH, "growth");
    }

    private final Results results;
    private final ResultsIndex index;
    private final int width;
    private final boolean ascii;

    private TerminalTable(Results results, int width, boolean ascii) {
        this.results = results;
        this.index = new ResultsIndex(results);
        this.width = Math.max(NARROWEST, width);
        this.ascii = ascii;
    }

    /**
     * The tables of all tasks and grid points, then the answer in words, each line ended by a line feed.
     *
     * @param width columns of the terminal; nothing is wider (a long label gets a line of its own), 40 at least
     * @param ascii whether to keep to ASCII
     */
    public static String render(Results results, int width, boolean ascii) {
        return new TerminalTable(AlignedResults.of(results).results(), width, ascii).render();
    }

    private String render() {
        StringBuilder out = new StringBuilder();
        Narrative narrative = new Narrative(results);
        WholeDialogue dialogues = new WholeDialogue(results, index);
        for (String task : results.tasks()) {
            List<Map<String, JsonNode>> grids = results.grids(task);
            if (grids.size() > POINTS) {
                out.append(wrap(task + ", over " + grids.size() + " grid points: smallest and largest mean."));
                table(out, results.rows(task), COLUMNS, DIRECTIONS,
                        row -> COLUMNS.keySet().stream().map(metric -> range(task, grids, row, metric)).toList());
                List<Narrative.Point> points = grids.stream().map(grid -> new Narrative.Point(task, grid)).toList();
                results.algorithms(task).forEach(row -> out.append(wrap(narrative.overPoints(points, row))));
            } else {
                for (Map<String, JsonNode> grid : grids) {
                    int seeds = index.seeds(task, grid, results.rows(task));
                    out.append(wrap(task + (grid.isEmpty() ? "" : ", " + Numbers.grid(grid)) + ", " + Numbers.seeds(seeds)
                            + (seeds < Statistics.MIN_SEEDS ? ": means, too few for intervals."
                                    : ": mean" + sign() + "half the 95% interval.")));
                    Narrative.Point point = new Narrative.Point(task, grid);
                    table(out, results.rows(task), COLUMNS, DIRECTIONS, row -> means(point, row, COLUMNS, seeds));
                    if (dialogues.at(point)) {
                        dialogue(out, point, dialogues, seeds);
                    }
                    out.append('\n');
                    if (narrative.trained()) {
                        Narrative.Answer answer = narrative.answer(point);
                        out.append(wrap("Who listens? " + answer.who()))
                                .append(wrap("When should it not have? " + answer.when()))
                                .append(wrap("Its training's fault? " + answer.why()));
                    } else {
                        results.algorithms(task).forEach(row -> out.append(wrap(narrative.line(point, row))).append('\n'));
                        out.append(wrap(Narrative.RULE));
                    }
                }
            }
            out.append('\n');
        }
        List<Results.Failure> failed = results.provenance().failed();
        int unfinished = results.provenance().unfinished();
        int all = results.cells().size() + failed.size() + unfinished;
        if (unfinished > 0) {
            out.append(wrap(unfinished + " of " + all + " rows are not finished; run --resume computes them."));
        }
        if (!failed.isEmpty()) {
            out.append(wrap(failed.size() + " of " + all + " rows failed:"));
            failed.forEach(f -> out.append(wrap("  " + f.task() + " " + f.algorithm() + " "
                    + (f.grid().isEmpty() ? "" : Numbers.grid(f.grid()) + " ") + "seed " + f.seed() + ": " + f.message())));
        }
        return out.toString();
    }

    private String range(String task, List<Map<String, JsonNode>> grids, String row, String metric) {
        double[] means = grids.stream().map(grid -> index.summary(task, grid, row, metric).mean())
                .filter(mean -> mean != null).mapToDouble(Double::doubleValue).sorted().toArray();
        return means.length == 0 ? "-" : Numbers.fixed(means[0], 2) + ".." + Numbers.fixed(means[means.length - 1], 2);
    }

    private List<String> means(Narrative.Point point, String row, Map<String, String> columns, int seeds) {
        return columns.keySet().stream().map(metric -> {
            Results.Summary s = index.summary(point.task(), point.grid(), row, metric);
            String mean = Numbers.plusMinus(Numbers.estimate(s), sign());
            return s.n() > 0 && s.n() < seeds ? mean + " (" + s.n() + ")" : mean;
        }).toList();
    }

    private void dialogue(StringBuilder out, Narrative.Point point, WholeDialogue dialogues, int seeds) {
        Map<String, String> columns = dialogues.measured(point, DIALOGUE);
        Map<String, Metric> humans = dialogues.humans(point);
        List<String> rows = new ArrayList<>(results.rows(point.task()));
        if (!humans.isEmpty()) {
            rows.add(WholeDialogue.HUMANS);
        }
        out.append('\n').append(wrap("The dialogue as a whole:"));
        table(out, rows, columns, "Of the participants, at the end of a dialogue; growth of common ground a round.",
                row -> row.equals(WholeDialogue.HUMANS) ? columns.keySet().stream()
                        .map(metric -> humans.getOrDefault(metric, Metric.NONE).value())
                        .map(value -> value == null ? "-" : Numbers.fixed(value, 2)).toList() : means(point, row, columns, seeds));
        if (!humans.isEmpty()) {
            out.append(wrap(WholeDialogue.source()));
        }
    }

    private void table(StringBuilder out, List<String> rows, Map<String, String> columns, String explanation,
            Function<String, List<String>> cellsOf) {
        List<List<String>> cells = rows.stream().map(cellsOf).toList();
        List<String> heads = List.copyOf(columns.values());
        int label = rows.stream().mapToInt(String::length).max().orElse(0);
        if (label + columns(heads, cells) > width) {
            // Without leading zeros a column of probabilities is two characters narrower.
            cells = each(cells, text -> text.contains("..") ? text : text.replaceAll("(?<!\\d)0\\.", "."));
        }
        boolean fewer = cells.stream().flatMap(List::stream).anyMatch(text -> OF_FEWER.matcher(text).find());
        boolean counted = label + columns(heads, cells) <= width;
        if (!counted) {
            cells = each(cells, text -> OF_FEWER.matcher(text).replaceFirst(""));
        }
        int shown = heads.size();
        while (shown > 1 && 8 + columns(heads.subList(0, shown), cells) > width) {
            shown--;
        }
        heads = heads.subList(0, shown);
        label = Math.min(label, width - columns(heads, cells));
        int[] widths = widths(heads, cells);
        int total = label + columns(heads, cells);

        line(out, "", label, heads, widths);
        String group = null;
        for (int i = 0; i < rows.size(); i++) {
            String row = rows.get(i);
            String of = results.provenance().references().contains(row) ? "references" : row.equals(WholeDialogue.HUMANS) ? row
                    : row.equals(results.provenance().start()) ? "start" : "algorithms";
            if (!of.equals(group)) {
                out.append((ascii ? "-" : "─").repeat(total)).append('\n');
                group = of;
            }
            line(out, row, label, cells.get(i).subList(0, shown), widths);
        }
        out.append((ascii ? "-" : "─").repeat(total)).append('\n');
        out.append(wrap(explanation + (shown < columns.size() ? " A wider terminal shows more columns." : "")));
        if (fewer) {
            out.append(wrap(counted ? "In brackets: how many seeds a mean is of, where not all had a case."
                    : "Not all seeds had a case of each; a wider terminal says how many had."));
        }
    }

    private static List<List<String>> each(List<List<String>> cells, UnaryOperator<String> change) {
        return cells.stream().map(row -> row.stream().map(change).toList()).toList();
    }

    private void line(StringBuilder out, String row, int label, List<String> cells, int[] widths) {
        if (row.length() > label) {
            out.append(wrap(row));
        }
        StringBuilder line = new StringBuilder(row.length() > label ? "" : row);
        line.append(" ".repeat(label - line.length()));
        for (int i = 0; i < cells.size(); i++) {
            line.append(" ".repeat(1 + widths[i] - cells.get(i).length())).append(cells.get(i));
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }

    private static int[] widths(List<String> heads, List<List<String>> cells) {
        int[] widths = new int[heads.size()];
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            widths[i] = Math.max(heads.get(i).length(), cells.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
        }
        return widths;
    }

    private static int columns(List<String> heads, List<List<String>> cells) {
        int sum = 0;
        for (int each : widths(heads, cells)) {
            sum += 1 + each;
        }
        return sum;
    }

    private String sign() {
        return ascii ? "+-" : "±";
    }

    private String wrap(String text) {
        String plain = ascii ? text.replace("±", "+-").replaceAll("[^\\x00-\\x7F]", "?") : text;
        return WordUtils.wrap(plain, width, "\n", true) + "\n";
    }
}

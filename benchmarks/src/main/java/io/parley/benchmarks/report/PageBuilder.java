package io.parley.benchmarks.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.parley.benchmarks.results.AlignedResults;
import io.parley.benchmarks.results.Attribution;
import io.parley.benchmarks.results.Attribution.Cause;
import io.parley.benchmarks.results.Attribution.Finding;
import io.parley.benchmarks.results.Metrics;
import io.parley.benchmarks.results.Results;
import io.parley.benchmarks.results.Results.Cell;
import io.parley.benchmarks.results.Results.Comparison;
import io.parley.benchmarks.results.Results.Provenance;
import io.parley.benchmarks.results.Results.Summary;
import io.parley.benchmarks.results.ResultsIndex;
import io.parley.benchmarks.results.Statistics;
import io.parley.benchmarks.results.Statistics.Estimate;
import io.parley.tasks.scoring.Metric;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Makes the content of the page from results and curves. */
final class PageBuilder {
    /** Up to this many points the page lists every metric, beyond it only those that its charts show. */
    private static final int FEW_POINTS = 6;
    /** How many numbers of curves a page holds, about; curves are thinned to keep it. */
    private static final int CURVE_NUMBERS = 90_000;
    /** Dialogues of a row that can be read. */
    private static final int READ_DIALOGUES = 10;
    /** What a curve has beside measurements. */
    private static final Set<String> COUNTS = Set.of("updates", "tokens", "pairs", "epoch");

    private static final Map<String, String> SUMMARY = new LinkedHashMap<>();
    private static final Map<String, String> LEVELS = new LinkedHashMap<>();

    static {
        SUMMARY.put(Metrics.MIMICRY, "Mimi\u00adcry ↓");
        SUMMARY.put(Metrics.IGNORING, "Igno\u00adring ↓");
        SUMMARY.put(Metrics.TRUST_CALIBRATION, "Trust cali\u00adbration ↑");
        SUMMARY.put(Metrics.OVER_TRUST, "Over-trust ↓");
        SUMMARY.put(Metrics.ACCURACY, "Accu\u00adracy ↑");
        SUMMARY.put(Metrics.REGRET, "Regret ↓");
        LEVELS.put(Metrics.with(Metrics.OWN_SHARE, Metrics.TRAINING), "Own, training partner");
        LEVELS.put(Metrics.OWN_SHARE, "Own, shifted partners");
        LEVELS.put(Metrics.with(Metrics.GROUP_SHARE, Metrics.TRAINING), "Group, training partner");
        LEVELS.put(Metrics.GROUP_SHARE, "Group, shifted partners");
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Results results;
    private final ResultsIndex index;
    private final Narrative narrative;
    private final WholeDialogue dialogues;
    /** By identity: cells hold large maps, whose hash codes are costly. */
    private final Map<Cell, LearningCurve> curves = new IdentityHashMap<>();
    private final Map<Cell, Path> folders = new IdentityHashMap<>();
    private final List<Narrative.Point> points = new ArrayList<>();
    private final List<String> labels;
    private final long algorithms;
    private final Map<String, List<String>> rows = new HashMap<>();

    /** @param folderOf a cell's folder, or null */
    PageBuilder(Results unaligned, Function<Cell, Path> folderOf) throws IOException {
        AlignedResults aligned = AlignedResults.of(unaligned);
        this.results = aligned.results();
        this.algorithms = unaligned.tasks().stream().flatMap(task -> unaligned.algorithms(task).stream()).distinct().count();
        this.index = new ResultsIndex(results);
        this.narrative = new Narrative(results);
        this.dialogues = new WholeDialogue(results, index);
        for (Cell cell : results.cells()) {
            Path folder = folderOf.apply(aligned.origins().get(cell));
            if (folder == null) {
                continue;
            }
            folders.put(cell, folder);
            Path curve = folder.resolve(LearningCurve.FILE);
            if (Files.exists(curve)) {
                curves.put(cell, LearningCurve.read(curve));
            }
        }
        Set<String> all = new LinkedHashSet<>();
        for (String task : results.tasks()) {
            results.grids(task).forEach(grid -> points.add(new Narrative.Point(task, grid)));
            rows.put(task, results.rows(task));
            all.addAll(rows.get(task));
        }
        this.labels = List.copyOf(all);
    }

    Page.Model build(String style, List<String> scripts, String licence) throws IOException {
        int selected = selected();
        List<Page.Point> views = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            views.add(point(i, i == selected));
        }
        Provenance provenance = results.provenance();
        return new Page.Model(
                provenance.name() == null ? "Results" : provenance.name(),
                facts(),
                views,
                grids(),
                causes(),
                costs(),
                provenance.failed().stream()
                        .map(f -> new Page.Failed(
                                f.task() + ", " + f.algorithm() + (f.grid().isEmpty() ? "" : ", " + Numbers.grid(f.grid()))
                                + ", seed " + f.seed(), f.message()))
                        .toList(),
                provenance.unfinished(),
                provenanceFacts(),
                yaml(provenance.experiment()),
                data(),
                style,
                scripts,
                licence);
    }

    private String role(String row) {
        return results.provenance().references().contains(row) ? "reference"
                : row.equals(results.provenance().start()) ? "start" : "algorithm";
    }

    private int color(String row) {
        return role(row).equals("algorithm")
                ? labels.stream().filter(label -> role(label).equals("algorithm")).toList().indexOf(row) : -1;
    }

    private boolean present(Narrative.Point point, String row) {
        return !index.cells(point.task(), point.grid(), row).isEmpty();
    }

    private List<String> rows(Narrative.Point point) {
        return rows.get(point.task()).stream().filter(row -> present(point, row)).toList();
    }

    private Summary summary(Narrative.Point point, String row, String metric) {
        return index.summary(point.task(), point.grid(), row, metric);
    }

    /** The point whose grid values are those of the experiment without its grid, as nearly as there is one. */
    private int selected() {
        int best = 0;
        long most = -1;
        for (int i = 0; i < points.size(); i++) {
            long same = points.get(i).grid().entrySet().stream().filter(axis -> {
                JsonNode own = AlignedResults.setting(results.provenance().experiment(), axis.getKey());
                return own != null && AlignedResults.value(own).equals(AlignedResults.value(axis.getValue()));
            }).count();
            if (same > most) {
                most = same;
                best = i;
            }
        }
        return best;
    }

    private String name(Narrative.Point point) {
        return results.tasks().size() == 1 && !point.grid().isEmpty() ? Numbers.grid(point.grid())
                : point.task() + (point.grid().isEmpty() ? "" : ": " + Numbers.grid(point.grid()));
    }

    private Page.Point point(int id, boolean selected) throws IOException {
        Narrative.Point point = points.get(id);
        List<Page.Row> rows = new ArrayList<>();
        for (String row : rows(point)) {
            boolean reference = role(row).equals("reference");
            Narrative.Verdict verdict = narrative.verdict(point, row);
            rows.add(new Page.Row(row, role(row), color(row), verdict.verdict(),
                    verdict.integrates() ? "good" : verdict.decided() ? "bad" : "open",
                    reference ? List.of() : narrative.paragraph(point, row),
                    List.of(matrix(point, row, Metrics.ACCURACY, "Accuracy", List.of("alone", "true", "false")),
                            matrix(point, row, Metrics.UPTAKE, "Uptake", List.of("true", "false")))));
        }
        List<String> trained = rows(point).stream().filter(row -> !role(row).equals("reference")).toList();
        List<String> undrawn = trained.stream()
                .filter(row -> summary(point, row, Metrics.MIMICRY).n() == 0 || summary(point, row, Metrics.IGNORING).n() == 0)
                .toList();
        return new Page.Point(id, name(point), selected, narrative.few(point), optimum(point), undrawn.size() < trained.size(),
                undrawn, narrative.answer(point), rows, table(point, SUMMARY, false), levels(point), dialogue(point), talk(point),
                comparisons(point), seeds(point), all(point), curveEnds(point), readings(point));
    }

    private boolean optimum(Narrative.Point point) {
        return rows(point).stream().anyMatch(row -> summary(point, row, Metrics.OPTIMUM).n() > 0);
    }

    /** With half its interval, and the number of seeds where not all of the point's had a case. */
    private Page.Number number(Narrative.Point point, String row, String metric, boolean heat) {
        Summary s = summary(point, row, metric);
        Estimate e = Numbers.estimate(s);
        List<String> small = new ArrayList<>();
        if (e.low() != null) {
            small.add("±" + Numbers.fixed((e.high() - e.low()) / 2, 2));
        }
        if (s.n() > 0 && s.n() < index.seeds(point.task(), point.grid(), rows.get(point.task()))) {
            small.add("n = " + s.n());
        }
        return Page.Number.heat(e.mean() == null ? "–" : Numbers.fixed(e.mean(), 2),
                small.isEmpty() ? null : String.join(", ", small), heat ? e.mean() : null);
    }

    private Page.Table table(Narrative.Point point, Map<String, String> columns, boolean heat) {
        List<Page.Line> lines = new ArrayList<>();
        for (String row : rows(point)) {
            lines.add(new Page.Line(
                    row, null, columns.keySet().stream().map(metric -> number(point, row, metric, heat)).toList()));
        }
        return new Page.Table(null, "", List.copyOf(columns.values()), lines, false);
    }

    private Page.Table matrix(Narrative.Point point, String row, String metric, String caption, List<String> heads) {
        List<Page.Line> lines = new ArrayList<>();
        for (String evidence : List.of("visible", "withheld")) {
            lines.add(new Page.Line(evidence, null, heads.stream()
                    .map(head -> number(point, row, metric + "." + evidence + "." + head, true)).toList()));
        }
        return new Page.Table(caption, "", heads, lines, false);
    }

    private Page.Table levels(Narrative.Point point) {
        boolean known = rows(point).stream()
                .anyMatch(row -> LEVELS.keySet().stream().anyMatch(m -> summary(point, row, m).n() > 0));
        return known ? table(point, LEVELS, true) : null;
    }

    private Page.Dialogue dialogue(Narrative.Point point) {
        if (!dialogues.at(point)) {
            return null;
        }
        Map<String, Metric> humans = dialogues.humans(point);
        List<Page.Table> tables = new ArrayList<>();
        addDialogue(tables, "Outcome", point, WholeDialogue.OUTCOME, humans);
        addDialogue(tables, "Discussion", point, WholeDialogue.DISCUSSION, humans);
        addDialogue(tables, "Common ground", point, WholeDialogue.GROUND, humans);
        return new Page.Dialogue(tables, humans.isEmpty() ? null : WholeDialogue.source(), dialogues.ground(point));
    }

    private void addDialogue(List<Page.Table> tables, String caption, Narrative.Point point, Map<String, String> columns,
            Map<String, Metric> humans) {
        Map<String, String> measured = dialogues.measured(point, columns);
        if (measured.isEmpty()) {
            return;
        }
        Page.Table agents = table(point, measured, false);
        List<Page.Line> lines = new ArrayList<>(agents.lines());
        if (!humans.isEmpty()) {
            lines.add(new Page.Line(WholeDialogue.HUMANS, "not trained, no partner", measured.keySet().stream()
                    .map(metric -> humans.getOrDefault(metric, Metric.NONE).value())
                    .map(value -> Page.Number.plain(value == null ? "–" : Numbers.fixed(value, 2), null)).toList()));
        }
        tables.add(new Page.Table(caption, "", agents.heads(), lines, false));
    }

    private Page.Talk talk(Narrative.Point point) {
        Map<String, String> acts = dialogues.acts(point);
        return acts.isEmpty() ? null : new Page.Talk(table(point, acts, false), dialogues.grounding(point));
    }

    /** Of each row that is not scripted, the dialogues of the first seed that kept some. */
    private List<Page.Reading> readings(Narrative.Point point) throws IOException {
        if (points.size() > FEW_POINTS) {
            return List.of();
        }
        List<Page.Reading> readings = new ArrayList<>();
        for (String row : rows(point)) {
            if (role(row).equals("reference")) {
                continue;
            }
            for (Cell cell : index.cells(point.task(), point.grid(), row)) {
                if (!folders.containsKey(cell)) {
                    continue;
                }
                DialoguesToRead kept = DialoguesToRead.of(folders.get(cell), READ_DIALOGUES);
                if (!kept.dialogues().isEmpty()) {
                    readings.add(new Page.Reading(row, color(row), cell.seed(), kept.instructions(), kept.dialogues()));
                    break;
                }
            }
        }
        return readings;
    }

    private Page.Table comparisons(Narrative.Point point) {
        List<Page.Line> lines = new ArrayList<>();
        for (Comparison c : results.comparisons()) {
            if (c.task().equals(point.task()) && c.grid().equals(point.grid()) && c.n() > 0) {
                String interval = c.ci95Low() == null ? null
                        : Numbers.fixed(c.ci95Low(), 2) + " to " + Numbers.fixed(c.ci95High(), 2);
                lines.add(new Page.Line(c.a() + " − " + c.b(), Numbers.words(c.metric()), List.of(
                        Page.Number.plain(Numbers.fixed(c.meanDifference(), 2), interval),
                        Page.Number.plain(pValue(c.p()), null), Page.Number.plain(pValue(c.pHolm()), null))));
            }
        }
        return lines.isEmpty() ? null : new Page.Table(null, "", List.of("Difference", "p", "Holm p"), lines, false);
    }

    private static String pValue(Double p) {
        return p == null ? "–" : p < 0.001 ? "<0.001" : Numbers.fixed(p, 3);
    }

    private Page.Table seeds(Narrative.Point point) {
        TreeSet<Long> seeds = new TreeSet<>();
        rows(point).forEach(row -> index.cells(point.task(), point.grid(), row).forEach(cell -> seeds.add(cell.seed())));
        List<Page.Line> lines = new ArrayList<>();
        for (String row : rows(point)) {
            if (role(row).equals("reference")) {
                continue;
            }
            for (String metric : List.of(Metrics.MIMICRY, Metrics.IGNORING, Metrics.REGRET)) {
                Map<Long, Double> values = index.seeds(point.task(), point.grid(), row, metric);
                lines.add(new Page.Line(row, metric, seeds.stream()
                        .map(seed -> Page.Number.plain(values.containsKey(seed) ? Numbers.fixed(values.get(seed), 2) : "–", null))
                        .toList()));
            }
        }
        return new Page.Table(null, "Seed", seeds.stream().map(String::valueOf).toList(), lines, false);
    }

    private Page.Table all(Narrative.Point point) {
        if (points.size() > FEW_POINTS) {
            return null;
        }
        Set<String> metrics = new TreeSet<>();
        rows(point).forEach(row -> index.cells(point.task(), point.grid(), row)
                .forEach(cell -> metrics.addAll(cell.metrics().keySet())));
        List<Page.Line> lines = new ArrayList<>();
        for (String metric : metrics) {
            lines.add(new Page.Line(metric, null,
                    rows(point).stream().map(row -> number(point, row, metric, false)).toList()));
        }
        return new Page.Table(null, "", rows(point), lines, false);
    }

    private List<Cell> cellsWithCurves(Narrative.Point point) {
        return rows(point).stream()
                .filter(row -> role(row).equals("algorithm"))
                .flatMap(row -> index.cells(point.task(), point.grid(), row).stream())
                .filter(curves::containsKey)
                .toList();
    }

    private List<String> curveMetrics(List<Cell> cells) {
        Set<String> names = new TreeSet<>(Comparator.comparing(PageBuilder::curveRank).thenComparing(name -> name));
        cells.forEach(cell -> names.addAll(curves.get(cell).metrics()));
        names.removeAll(COUNTS);
        return names.stream().limit(cells.size() * points.size() > 300 ? 4 : 9).toList();
    }

    private static int curveRank(String name) {
        return name.equals("reward") ? 0
                : name.startsWith("counterfactualEntropy") ? 1
                : name.startsWith("counterfactual") ? 2
                : name.equals("kl") ? 3
                : name.equals("entropy") ? 4 : 5;
    }

    private Page.Table curveEnds(Narrative.Point point) {
        List<Cell> cells = cellsWithCurves(point);
        if (cells.isEmpty()) {
            return null;
        }
        List<String> rows = cells.stream().map(Cell::algorithm).distinct().toList();
        List<Page.Line> lines = new ArrayList<>();
        for (String metric : curveMetrics(cells)) {
            lines.add(new Page.Line(metric, null, rows.stream().map(row -> {
                double[] ends = cells.stream().filter(cell -> cell.algorithm().equals(row))
                        .map(curves::get)
                        .map(curve -> {
                            Double[] tenths = curve.bins(metric, curve.end(), 10);
                            return tenths[tenths.length - 1];
                        })
                        .filter(Objects::nonNull).mapToDouble(Double::doubleValue).toArray();
                return Page.Number.plain(
                        ends.length == 0 ? "–" : Numbers.fixed(Arrays.stream(ends).average().orElseThrow(), 3), null);
            }).toList()));
        }
        return new Page.Table(null, "", rows, lines, false);
    }

    private List<Page.Grid> grids() {
        List<Page.Grid> grids = new ArrayList<>();
        for (String task : results.tasks()) {
            List<Narrative.Point> own = points.stream().filter(point -> point.task().equals(task)).toList();
            if (own.size() > 1) {
                List<String> sentences = results.algorithms(task).stream().map(row -> narrative.overPoints(own, row)).toList();
                grids.add(grid(task, own, sentences));
            }
        }
        return grids;
    }

    private Page.Grid grid(String task, List<Narrative.Point> own, List<String> sentences) {
        Map<String, List<JsonNode>> axes = new LinkedHashMap<>();
        own.forEach(point -> point.grid().forEach((path, value) -> {
            List<JsonNode> values = axes.computeIfAbsent(path, key -> new ArrayList<>());
            if (!values.contains(value)) {
                values.add(value);
            }
        }));
        axes.values().forEach(values -> {
            if (values.stream().allMatch(JsonNode::isNumber)) {
                values.sort(Comparator.comparingDouble(JsonNode::asDouble));
            }
        });
        List<String> paths = axes.keySet().stream()
                .sorted(Comparator.comparing((String path) -> -axes.get(path).size())).toList();
        String across = paths.get(0);
        String down = paths.size() > 1 ? paths.get(1) : null;
        double worst = results.algorithms(task).stream()
                .flatMap(row -> own.stream().map(point -> summary(point, row, Metrics.REGRET).mean()))
                .filter(Objects::nonNull).mapToDouble(Double::doubleValue).max().orElse(1);

        List<Page.Phase> phases = new ArrayList<>();
        Set<Map<String, JsonNode>> slices = new LinkedHashSet<>();
        own.forEach(point -> slices.add(without(point.grid(), across, down)));
        for (String row : results.algorithms(task)) {
            for (Map<String, JsonNode> slice : slices) {
                long places = own.stream()
                        .filter(point -> present(point, row) && without(point.grid(), across, down).equals(slice))
                        .count();
                if (places < 2) {
                    continue;
                }
                List<Page.Table> tables = new ArrayList<>();
                for (String metric : List.of(Metrics.MIMICRY, Metrics.IGNORING, Metrics.REGRET)) {
                    String caption = Numbers.words(metric)
                            + (metric.equals(Metrics.REGRET) && own.stream().anyMatch(this::optimum)
                                    ? " (below it, the optimum's reward)" : "");
                    List<Page.Line> lines = new ArrayList<>();
                    for (JsonNode y : down == null ? Collections.singletonList((JsonNode) null) : axes.get(down)) {
                        List<Page.Number> numbers = new ArrayList<>();
                        for (JsonNode x : axes.get(across)) {
                            numbers.add(own.stream()
                                    .filter(point -> x.equals(point.grid().get(across))
                                            && (down == null || y.equals(point.grid().get(down)))
                                            && without(point.grid(), across, down).equals(slice))
                                    .findFirst().map(point -> phaseCell(point, row, metric, worst))
                                    .orElse(Page.Number.plain("", null)));
                        }
                        lines.add(new Page.Line(y == null ? "" : shortly(y), null, numbers));
                    }
                    tables.add(new Page.Table(caption, "",
                            axes.get(across).stream().map(PageBuilder::shortly).toList(), lines, true));
                }
                phases.add(new Page.Phase(row + (slice.isEmpty() ? "" : ", " + Numbers.grid(slice)), tables));
            }
        }
        return new Page.Grid(task, sentences, across, down, phases);
    }

    private Page.Number phaseCell(Narrative.Point point, String row, String metric, double worstRegret) {
        Summary s = summary(point, row, metric);
        if (s.mean() == null) {
            return Page.Number.plain("–", null);
        }
        boolean regret = metric.equals(Metrics.REGRET);
        Double optimum = summary(point, row, Metrics.OPTIMUM).mean();
        double heat = regret ? (worstRegret > 0 ? s.mean() / worstRegret : 0) : s.mean();
        return new Page.Number(Numbers.fixed(s.mean(), 2).replaceFirst("^(-?)0\\.", "$1."),
                regret && optimum != null ? Numbers.fixed(optimum, 2) : null, heat,
                row + ": " + Numbers.words(metric) + " " + Numbers.plusMinus(Numbers.estimate(s), "±")
                        + " at " + Numbers.grid(point.grid()) + ", " + Numbers.seeds(s.n())
                        + (optimum == null ? "" : ", the optimum earns " + Numbers.fixed(optimum, 2)),
                points.indexOf(point));
    }

    /** 50000 as 50k, so that it fits beside a diagram. */
    private static String shortly(JsonNode value) {
        return value.isIntegralNumber() && value.asLong() >= 1000 && value.asLong() % 1000 == 0
                ? value.asLong() / 1000 + "k" : AlignedResults.value(value);
    }

    private static Map<String, JsonNode> without(Map<String, JsonNode> grid, String a, String b) {
        Map<String, JsonNode> rest = new LinkedHashMap<>(grid);
        rest.remove(a);
        rest.remove(b);
        return rest;
    }

    private List<Page.Causes> causes() {
        List<Finding> findings = narrative.findings();
        List<Page.Causes> causes = new ArrayList<>();
        for (String task : results.tasks()) {
            for (String failure : Attribution.FAILURES) {
                List<Finding> own = findings.stream().filter(f -> f.task().equals(task) && f.failure().equals(failure)).toList();
                Set<Map<String, JsonNode>> slices = new LinkedHashSet<>();
                own.forEach(f -> slices.add(f.grid()));
                boolean few = own.stream().allMatch(f -> f.largest().n() < Statistics.MIN_SEEDS);
                if (few || slices.size() > 1 && own.stream().allMatch(f -> f.budgets() == 1)) {
                    continue;
                }
                List<String> rows = own.stream().map(Finding::algorithm).distinct().toList();
                List<Page.Line> lines = new ArrayList<>();
                for (Map<String, JsonNode> slice : slices) {
                    lines.add(new Page.Line(slice.isEmpty() ? task : Numbers.grid(slice), null, rows.stream()
                            .map(row -> own.stream().filter(f -> f.algorithm().equals(row) && f.grid().equals(slice)).findFirst()
                                    .map(f -> Page.Number.plain(f.cause().toString(), change(f)))
                                    .orElse(Page.Number.plain("–", null)))
                            .toList()));
                }
                List<String> reasons = own.stream().filter(f -> f.cause() != Cause.ABSENT)
                        .map(f -> f.algorithm() + (f.grid().isEmpty() ? "" : ", " + Numbers.grid(f.grid())) + ": " + f.cause()
                                + "; " + f.reason() + ".")
                        .toList();
                causes.add(new Page.Causes(failure, task,
                        new Page.Table(Numbers.words(failure), "", rows, lines, false), reasons));
            }
        }
        return causes;
    }

    private static String change(Finding f) {
        if (f.largest().mean() == null) {
            return "not observed";
        }
        String now = Numbers.fixed(f.largest().mean(), 2);
        return f.budgets() == 1 || f.smallest().mean() == null ? now : Numbers.fixed(f.smallest().mean(), 2) + " → " + now;
    }

    private Page.Table costs() {
        List<Page.Line> lines = new ArrayList<>();
        for (String row : labels) {
            lines.add(cost(row, computed(results.cells().stream().filter(cell -> cell.algorithm().equals(row)).toList())));
        }
        List<Cell> all = computed(results.cells());
        lines.add(new Page.Line("all", "sum", List.of(
                Page.Number.plain(Numbers.count(all.size()), null),
                Page.Number.plain(Numbers.duration(all.stream().mapToDouble(Cell::wallSeconds).sum()), null),
                Page.Number.plain(Numbers.duration(all.stream().mapToDouble(Cell::cpuSeconds).sum()), null),
                Page.Number.plain(Numbers.count(all.stream().mapToDouble(Cell::tokens).sum()), null),
                Page.Number.plain(Numbers.count(sum(all, "responses")), null),
                Page.Number.plain(Numbers.count(sum(all, "updates")), null),
                Page.Number.plain(Numbers.count(sum(all, "pairs")), null))));
        return new Page.Table(null, "", List.of("Cells", "Wall", "CPU", "Tokens", "Responses", "Updates", "Pairs"), lines, false);
    }

    /** Cells without their repetitions: those that do not differ at some points of a grid were computed once. */
    private static List<Cell> computed(List<Cell> cells) {
        Set<List<Object>> seen = new HashSet<>();
        return cells.stream().filter(cell -> seen.add(ResultsIndex.computation(cell))).toList();
    }

    private static Page.Line cost(String row, List<Cell> cells) {
        double n = cells.size();
        return new Page.Line(row, null, List.of(
                Page.Number.plain(Numbers.count(n), null),
                Page.Number.plain(Numbers.duration(cells.stream().mapToDouble(Cell::wallSeconds).sum() / n), null),
                Page.Number.plain(Numbers.duration(cells.stream().mapToDouble(Cell::cpuSeconds).sum() / n), null),
                Page.Number.plain(Numbers.count(cells.stream().mapToDouble(Cell::tokens).sum() / n), null),
                Page.Number.plain(counted(cells, "responses"), null),
                Page.Number.plain(counted(cells, "updates"), null),
                Page.Number.plain(counted(cells, "pairs"), null)));
    }

    private static String counted(List<Cell> cells, String name) {
        return cells.stream().noneMatch(cell -> cell.counts().containsKey(name))
                ? "–" : Numbers.count(sum(cells, name) / cells.size());
    }

    private static double sum(List<Cell> cells, String name) {
        return cells.stream().mapToDouble(cell -> cell.counts().getOrDefault(name, 0L)).sum();
    }

    private String facts() {
        List<String> facts = new ArrayList<>();
        facts.add(Numbers.seeds((int) results.cells().stream().map(Cell::seed).distinct().count()));
        facts.add(algorithms == 1 ? "1 algorithm" : algorithms + " algorithms");
        if (points.size() > 1) {
            facts.add(points.size() + (results.tasks().size() > 1 ? " tasks and grid points" : " grid points"));
        }
        JsonNode experiment = results.provenance().experiment();
        if (experiment.at("/trainPartner/id").isTextual() && !varies("trainPartner")) {
            facts.add("trained with the partner " + experiment.at("/trainPartner/id").asText());
        }
        if (experiment.at("/budget/responses").isNumber() && !varies("budget")) {
            facts.add(Numbers.count(experiment.at("/budget/responses").asDouble()) + " responses each");
        }
        if (experiment.at("/evaluation/split").isTextual()) {
            facts.add("evaluated on the split " + experiment.at("/evaluation/split").asText());
        }
        return String.join(" · ", facts);
    }

    /** Whether a section differs between cells, by the grid or for an algorithm. */
    private boolean varies(String section) {
        for (JsonNode algorithm : results.provenance().experiment().path("algorithms")) {
            if (algorithm.has(section)) {
                return true;
            }
        }
        return results.cells().stream().flatMap(cell -> cell.grid().keySet().stream())
                .anyMatch(path -> (path + ".").startsWith(section + ".") || path.contains("." + section));
    }

    private List<Page.Fact> provenanceFacts() {
        Provenance p = results.provenance();
        List<Page.Fact> facts = new ArrayList<>();
        facts.add(new Page.Fact("Code", p.code()));
        facts.add(new Page.Fact("Started", p.started()));
        facts.add(new Page.Fact("Finished", p.finished()));
        facts.add(new Page.Fact("Took", p.wallSeconds() == null ? null : Numbers.duration(p.wallSeconds())));
        p.machine().forEach((name, value) -> facts.add(new Page.Fact("Machine: " + name, value)));
        p.plugins().forEach((name, value) -> facts.add(new Page.Fact("Plugin: " + name, value)));
        p.inputs().forEach((name, value) -> facts.add(new Page.Fact("Input: " + name, value)));
        facts.removeIf(fact -> fact.value() == null);
        return facts;
    }

    private static String yaml(JsonNode experiment) {
        try {
            return YAMLMapper.builder()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .build().writeValueAsString(experiment);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the charts draw, as JSON. */
    private String data() {
        ObjectNode data = JSON.createObjectNode();
        ArrayNode rows = data.putArray("rows");
        labels.forEach(row -> rows.addObject().put("label", row).put("role", role(row)).put("color", color(row)));
        int runs = curves.size();
        ArrayNode all = data.putArray("points");
        for (Narrative.Point point : points) {
            ObjectNode node = all.addObject();
            ArrayNode means = node.putArray("means");
            ArrayNode seeds = node.putArray("seeds");
            for (String row : rows(point)) {
                ObjectNode mean = means.addObject().put("row", row);
                for (String metric : List.of(Metrics.MIMICRY, Metrics.IGNORING, Metrics.REGRET)) {
                    Summary s = summary(point, row, metric);
                    put(mean, metric, s.mean());
                    put(mean, metric + "Low", s.ci95Low());
                    put(mean, metric + "High", s.ci95High());
                }
                for (Cell cell : index.cells(point.task(), point.grid(), row)) {
                    ObjectNode seed = seeds.addObject().put("row", row).put("seed", cell.seed());
                    for (String metric : List.of(Metrics.MIMICRY, Metrics.IGNORING, Metrics.REGRET)) {
                        put(seed, metric, cell.metric(metric));
                    }
                }
            }
            curveData(node, point, runs);
        }
        return data.toString().replace("</", "<\\/");
    }

    private void curveData(ObjectNode node, Narrative.Point point, int runs) {
        List<Cell> cells = cellsWithCurves(point);
        if (cells.isEmpty()) {
            return;
        }
        double end = cells.stream().mapToDouble(cell -> curves.get(cell).end()).max().orElse(0);
        // One place is no line, as where all epochs come after the last response.
        List<String> metrics = curveMetrics(cells).stream()
                .filter(metric -> cells.stream().map(curves::get)
                        .anyMatch(curve -> Arrays.stream(curve.bins(metric, end, 60)).filter(Objects::nonNull).count() > 1))
                .toList();
        int longest = cells.stream().flatMapToInt(cell -> metrics.stream().mapToInt(curves.get(cell)::size)).max().orElse(1);
        int bins = Math.max(1,
                Math.min(longest, Math.max(10, Math.min(60, CURVE_NUMBERS / (runs * Math.max(1, metrics.size()))))));
        ObjectNode out = node.putObject("curves").put("end", end).put("bins", bins);
        metrics.forEach(out.putArray("metrics")::add);
        ArrayNode list = out.putArray("runs");
        for (Cell cell : cells) {
            ObjectNode run = list.addObject().put("row", cell.algorithm()).put("seed", cell.seed());
            ObjectNode values = run.putObject("values");
            for (String metric : metrics) {
                if (curves.get(cell).size(metric) > 0) {
                    ArrayNode numbers = values.putArray(metric);
                    for (Double value : curves.get(cell).bins(metric, end, bins)) {
                        numbers.add(rounded(value));
                    }
                }
            }
        }
    }

    private static void put(ObjectNode node, String name, Double value) {
        node.put(name, rounded(value));
    }

    /** Four significant digits are more than a screen can show. */
    private static BigDecimal rounded(Double value) {
        return value == null ? null : new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros();
    }
}

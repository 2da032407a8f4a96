package io.parley.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.benchmarks.results.Attribution;
import io.parley.benchmarks.results.Attribution.Cause;
import io.parley.benchmarks.results.Attribution.Finding;
import io.parley.benchmarks.results.Metrics;
import io.parley.benchmarks.results.Results;
import io.parley.benchmarks.results.Results.Comparison;
import io.parley.benchmarks.results.ResultsIndex;
import io.parley.benchmarks.results.Scale;
import io.parley.benchmarks.results.Scale.Presence;
import io.parley.benchmarks.results.Statistics;
import io.parley.benchmarks.results.Statistics.Estimate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says in words what the numbers say, and no more: a claim is made where the 95 % interval over seeds lies on one side of
 * {@link Scale#MATERIAL}, otherwise the text says that it is not decided.
 */
final class Narrative {
    private final Results results;
    private final ResultsIndex index;
    private final boolean trained;
    private final Set<String> frozen;
    private final List<Finding> findings;

    /** @param results aligned */
    Narrative(Results results) {
        this.results = results;
        this.index = new ResultsIndex(results);
        JsonNode experiment = results.provenance().experiment();
        this.trained = !experiment.path("algorithms").isEmpty() || experiment.path("frozen").isEmpty();
        this.frozen = results.provenance().frozen();
        this.findings = trained ? Attribution.of(results).stream().filter(this::understood).toList() : List.of();
    }

    /** Whether an algorithm speaks with every budget: else its failures are not known, and have no cause. */
    private boolean understood(Finding finding) {
        return results.grids(finding.task()).stream().filter(grid -> Attribution.withoutBudget(grid).equals(finding.grid()))
                .allMatch(grid -> verdict(new Point(finding.task(), grid), finding.algorithm()).speaks());
    }

    /** Whether the experiment trained anything, or judged policies as they are alone. */
    boolean trained() {
        return trained;
    }

    /** A task at a grid point. */
    record Point(String task, Map<String, JsonNode> grid) {}

    /** The three failures of one row at one point. */
    enum Failure {
        MIMICRY(Metrics.MIMICRY, "mimics"),
        IGNORING(Metrics.IGNORING, "ignores"),
        OVER_TRUST(Metrics.OVER_TRUST, "over-trusts");

        final String metric;
        final String verb;

        Failure(String metric, String verb) {
            this.metric = metric;
            this.verb = verb;
        }
    }

    /**
     * What one row does at one point.
     *
     * @param verdict such as "mimics and over-trusts", "integrates selectively", "not decided", "does not speak"
     * @param failures all undecided for one that does not speak: what cannot be read listens to nobody, whatever it meant
     */
    record Verdict(String verdict, Map<Failure, Presence> failures) {
        boolean integrates() {
            return verdict.equals(INTEGRATES);
        }

        boolean decided() {
            return !verdict.equals(UNDECIDED);
        }

        boolean speaks() {
            return !verdict.equals(SPEECHLESS);
        }

        boolean has(Failure failure) {
            return failures.get(failure) == Presence.PRESENT;
        }
    }

    static final String INTEGRATES = "integrates selectively";
    static final String UNDECIDED = "not decided";
    static final String SPEECHLESS = "does not speak";
    /** Below this share of readable responses nothing is said of whether an agent listens; clones reach 0.99. */
    static final double SPEAKING = 0.9;
    private static final String UNANSWERED = "Not decided, for the same reason.";

    List<Finding> findings() {
        return findings;
    }

    /**
     * Over-trust takes part where the task lets a record grow false at all; mimicry and ignoring must be observed. What the best
     * scripted policy does as well, for its training partner rewards it, is no failure.
     */
    Verdict verdict(Point point, String row) {
        Map<Failure, Presence> presences = new EnumMap<>(Failure.class);
        for (Failure failure : Failure.values()) {
            Estimate e = scaled(point, row, failure);
            if ((e.n() > 0 || failure != Failure.OVER_TRUST)
                    && Scale.isFailure(index, point.task(), point.grid(), failure.metric)) {
                presences.put(failure, Scale.presence(e));
            }
        }
        Estimate parsed = estimate(point, row, Metrics.PARSED);
        if (parsed.n() > 0 && parsed.mean() < SPEAKING) {
            presences.replaceAll((failure, presence) -> Presence.UNDECIDED);
            return new Verdict(SPEECHLESS, presences);
        }
        List<String> present = presences.entrySet().stream()
                .filter(entry -> entry.getValue() == Presence.PRESENT).map(entry -> entry.getKey().verb).toList();
        String verdict = !present.isEmpty() ? Numbers.list(present)
                : presences.containsValue(Presence.UNDECIDED) ? UNDECIDED : INTEGRATES;
        return new Verdict(verdict, presences);
    }

    /** Whether a point has too few seeds for intervals; then its texts give means and claim nothing. */
    boolean few(Point point) {
        return seeds(point) < Statistics.MIN_SEEDS;
    }

    private int seeds(Point point) {
        return results.rows(point.task()).stream()
                .mapToInt(row -> index.cells(point.task(), point.grid(), row).size()).max().orElse(0);
    }

    /** An algorithm or the start in plain language: what it does; what training changed; whose fault it is. */
    List<String> paragraph(Point point, String row) {
        List<String> does = does(point, row);
        if (!verdict(point, row).speaks()) {
            return List.of(String.join(" ", does));
        }
        List<String> changed = new ArrayList<>();
        String start = results.provenance().start();
        if (start != null && !row.equals(start) && !frozen.contains(row)) {
            since(point, row, start).ifPresent(changed::add);
        }
        against(point, row).ifPresent(changed::add);
        List<String> causes = few(point) ? List.of() : findings.stream()
                .filter(f -> f.task().equals(point.task()) && f.algorithm().equals(row)
                        && f.grid().equals(Attribution.withoutBudget(point.grid()))
                        && f.cause() != Cause.ABSENT && f.largest().n() > 0)
                .map(f -> "Cause of its " + Numbers.words(f.failure()) + ": " + f.cause() + "; " + f.reason() + ".")
                .toList();
        return Stream.of(does, changed, causes).filter(part -> !part.isEmpty()).map(part -> String.join(" ", part)).toList();
    }

    /**
     * One line that says what a row does, with the numbers that it rests on.
     */
    String line(Point point, String row) {
        Verdict verdict = verdict(point, row);
        String said = few(point) ? row + ": too few seeds to decide. "
                : verdict.decided() ? row + " " + verdict.verdict() + ". " : "Not decided for " + row + ". ";
        return said + String.join(" ", does(point, row));
    }

    /** What a verdict rests on. */
    static final String RULE = "A failure is present where its 95% interval lies above " + Scale.MATERIAL + " and absent where "
            + "it lies below, on the scale from record-optimal (0) to the scripted agent that fails fully (1): copy-always for "
            + "mimicry and over-trust, evidence-only for ignoring. What record-optimal does nearly as often as that agent is no "
            + "failure. Without a failure that is present or undecided an agent "
            + "integrates selectively. An agent of whose responses in words less than " + Numbers.percent(SPEAKING) + " could be "
            + "read does not speak, and none of this is said of it: what cannot be read counts as listening to nobody. "
            + "The interval is over seeds, which draw other episodes and nothing else.";

    private List<String> does(Point point, String row) {
        List<String> text = new ArrayList<>();
        Verdict verdict = verdict(point, row);
        if (!verdict.speaks()) {
            text.add((trained && !frozen.contains(row) ? "It has lost its language in part: " : "Its words are not the task's: ")
                    + share(point, estimate(point, row, Metrics.PARSED)) + " of what it said could be read. The rest took "
                    + "no stance, and what follows counts that as listening to nobody: it does not show whether it listens.");
        }
        Estimate mimicry = estimate(point, row, Metrics.MIMICRY);
        if (mimicry.n() == 0) {
            text.add("Whether it mimics cannot be said: it was never right alone where it could see the evidence and its"
                    + " partner suggested something false.");
        } else {
            text.add("Where it saw the evidence and was right alone, it took over "
                    + share(point, mimicry) + " of the false suggestions"
                    + claim(point, verdict, Failure.MIMICRY, "it mimics", "it does not mimic", "whether it mimics is not decided")
                    + ".");
        }
        Estimate ignoring = estimate(point, row, Metrics.IGNORING);
        if (ignoring.n() == 0) {
            text.add("Whether it ignores cannot be said: it never depended on a partner with a true record.");
        } else {
            text.add("Where it saw none, was wrong alone and its partner had been right so far, it passed over "
                    + share(point, ignoring) + " of the true suggestions"
                    + claim(point, verdict, Failure.IGNORING, "it ignores", "it does not ignore",
                            "whether it ignores is not decided")
                    + ".");
        }
        Estimate overTrust = estimate(point, row, Metrics.OVER_TRUST);
        if (overTrust.n() > 0) {
            text.add("From a partner caught in a falsehood it took over " + share(point, overTrust)
                    + " of what it could not check"
                    + claim(point, verdict, Failure.OVER_TRUST, "it over-trusts", "it does not over-trust",
                            "whether it over-trusts is not decided")
                    + calibration(point, row) + ".");
        }
        Estimate regret = estimate(point, row, Metrics.REGRET);
        if (regret.n() > 0) {
            Estimate optimum = estimate(point, row, Metrics.OPTIMUM);
            text.add("An episode costs it " + Numbers.fixed(regret.mean(), 2) + bracket(point, regret,
                    e -> Numbers.fixed(e.low(), 2) + " to " + Numbers.fixed(e.high(), 2))
                    + " of reward against the best " + (optimum.n() > 0
                            ? "policy for the training partner, which earns " + Numbers.fixed(optimum.mean(), 2)
                                    + " with that one."
                            : "scripted policy."));
        }
        return text;
    }

    /** {@code 47% (44% to 50%)} of a probability, whose interval is cut to [0, 1]. */
    private String share(Point point, Estimate e) {
        return Numbers.percent(e.mean()) + bracket(point, e,
                in -> Numbers.percent(Math.max(0, in.low())) + " to " + Numbers.percent(Math.min(1, in.high())));
    }

    /** The interval; without one the number of seeds, unless it is that of every row of a point that has too few. */
    private String bracket(Point point, Estimate e, Function<Estimate, String> interval) {
        return e.low() != null ? " (" + interval.apply(e) + ")"
                : !few(point) ? " (" + Numbers.seeds(e.n()) + ", too few for an interval)"
                : e.n() < seeds(point) ? " (" + Numbers.seeds(e.n()) + ")" : "";
    }

    private String claim(Point point, Verdict verdict, Failure failure, String present, String absent, String undecided) {
        if (few(point) || !verdict.speaks()) {
            return "";
        }
        if (!verdict.failures().containsKey(failure)) {
            return ", which is no failure here: the best scripted policy does so, too";
        }
        return ": " + switch (verdict.failures().get(failure)) {
            case PRESENT -> present;
            case ABSENT -> absent;
            case UNDECIDED -> undecided;
        };
    }

    private String calibration(Point point, String row) {
        Estimate trust = estimate(point, row, Metrics.TRUST_CALIBRATION);
        if (trust.n() == 0 || trust.low() == null) {
            return "";
        }
        return trust.low() > 0 ? "; a true record makes it follow " + Numbers.points(trust) + " more often"
                : trust.high() < 0 ? "; a true record makes it follow " + Numbers.points(trust) + " less often"
                : "; that a true record makes it follow more often is not shown";
    }

    /** What training changed since the start. */
    private Optional<String> since(Point point, String row, String from) {
        List<String> changes = new ArrayList<>();
        for (Failure failure : Failure.values()) {
            Map<Long, Double> after = seeds(point, row, failure.metric);
            Map<Long, Double> start = new TreeMap<>(seeds(point, from, failure.metric));
            Estimate change = Statistics.paired(after, start).difference();
            start.keySet().retainAll(after.keySet());
            Estimate before = Statistics.estimate(start.values().stream().mapToDouble(Double::doubleValue).toArray());
            if (change.low() == null) {
                continue;
            }
            String what = Numbers.words(failure.metric) + " from " + Numbers.percent(before.mean());
            changes.add(change.low() > 0 ? "raised " + what + " by " + Numbers.points(change)
                    : change.high() < 0 ? "lowered " + what + " by " + Numbers.points(change)
                    : "did not certainly change " + what);
        }
        return changes.isEmpty() ? Optional.empty()
                : Optional.of("Since the start (" + from + "), training " + Numbers.list(changes) + ".");
    }

    private Optional<String> against(Point point, String row) {
        List<String> shown = new ArrayList<>();
        List<String> open = new ArrayList<>();
        for (Comparison c : results.comparisons()) {
            if (!c.task().equals(point.task()) || !c.grid().equals(point.grid()) || !c.a().equals(row) || c.pHolm() == null) {
                continue;
            }
            String name = c.metric().equals(Metrics.TRUST_CALIBRATION) ? "trust calibration" : c.metric();
            if (c.pHolm() < 0.05) {
                Estimate difference = new Estimate(c.meanDifference(), c.ci95Low(), c.ci95High(), c.n());
                shown.add(name + " is " + Numbers.points(difference) + (c.meanDifference() < 0 ? " lower" : " higher")
                        + " (Holm p " + Numbers.p(c.pHolm()) + ")");
            } else {
                open.add(name);
            }
        }
        if (shown.isEmpty() && open.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of("Against " + Statistics.BASELINE + ", "
                + (shown.isEmpty() ? "" : Numbers.list(shown) + (open.isEmpty() ? "" : "; "))
                + (open.isEmpty() ? "" : "no difference in " + Numbers.list(open) + " is shown") + ".");
    }

    /** The answer to the question that every report asks, as three short texts. */
    public record Answer(String who, String when, String why) {}

    Answer answer(Point point) {
        List<String> algorithms = results.algorithms(point.task()).stream()
                .filter(row -> !index.cells(point.task(), point.grid(), row).isEmpty())
                .toList();
        if (few(point)) {
            String few = "Not decided: " + Numbers.seeds(seeds(point)) + " cannot tell an agent's habit from its seed's luck; "
                    + Statistics.MIN_SEEDS + " are needed. The table shows the means.";
            return new Answer(few, UNANSWERED, UNANSWERED);
        }
        Map<String, List<String>> byVerdict = new LinkedHashMap<>();
        byVerdict.put(INTEGRATES, new ArrayList<>());
        for (String algorithm : algorithms) {
            byVerdict.computeIfAbsent(verdict(point, algorithm).verdict(), key -> new ArrayList<>()).add(algorithm);
        }
        List<String> undecided = byVerdict.remove(UNDECIDED);
        List<String> speechless = byVerdict.remove(SPEECHLESS);
        List<String> integrating = byVerdict.remove(INTEGRATES);
        List<String> who = new ArrayList<>();
        who.add(integrating.isEmpty()
                ? "None of the " + agents() + " is shown to integrate selectively, that is, to take what it needs from its"
                        + " partner and refuse what it can refute."
                : sentence(integrating, "integrates", "integrate") + " selectively: taking what "
                        + (integrating.size() == 1 ? "it needs from its" : "they need from their") + " partner, refusing what "
                        + (integrating.size() == 1 ? "it" : "they") + " can refute.");
        byVerdict.forEach((verdict, rows) -> who.add(rows.size() == 1 ? rows.get(0) + " " + verdict + "."
                : Numbers.list(rows) + " " + plural(verdict) + "."));
        if (undecided != null) {
            who.add("For " + Numbers.list(undecided) + " the intervals do not decide.");
        }
        if (speechless != null) {
            List<String> shares = speechless.stream()
                    .map(row -> row + " (" + Numbers.percent(estimate(point, row, Metrics.PARSED).mean()) + " readable)")
                    .toList();
            who.add(sentence(shares, SPEECHLESS, "do not speak") + ", so whether "
                    + (shares.size() == 1 ? "it listens" : "they listen") + " is not shown.");
        }
        return new Answer(String.join(" ", who), when(point, algorithms), why(point, algorithms));
    }

    private String agents() {
        return trained && frozen.isEmpty() ? "trained agents" : "agents";
    }

    private String when(Point point, List<String> algorithms) {
        List<String> texts = new ArrayList<>();
        List<String> refutable = with(point, algorithms, Failure.MIMICRY);
        if (!refutable.isEmpty()) {
            texts.add("Where the evidence was before their eyes: " + Numbers.list(refutable)
                    + " of the false suggestions they could have refuted were taken over.");
        }
        List<String> liars = with(point, algorithms, Failure.OVER_TRUST);
        if (!liars.isEmpty()) {
            texts.add("After the partner had been caught: " + Numbers.list(liars)
                    + " of its unverifiable suggestions were still taken over.");
        }
        List<String> unheard = with(point, algorithms, Failure.IGNORING);
        if (!unheard.isEmpty()) {
            texts.add("And where they should have listened, to a partner with a true record about what they could not see: "
                    + Numbers.list(unheard) + " of the true suggestions were passed over.");
        }
        return texts.isEmpty()
                ? "None of the " + agents() + " is shown to listen where it should not, or to be deaf where it should listen."
                : String.join(" ", texts);
    }

    private List<String> with(Point point, List<String> algorithms, Failure failure) {
        return algorithms.stream()
                .filter(row -> verdict(point, row).has(failure))
                .sorted(Comparator.comparing((String row) -> -estimate(point, row, failure.metric).mean()))
                .map(row -> row + " " + Numbers.percent(estimate(point, row, failure.metric).mean()))
                .toList();
    }

    private String why(Point point, List<String> algorithms) {
        if (!trained) {
            return "Nothing was trained here: this says what the agents do, not what made them so.";
        }
        List<Finding> here = findings.stream()
                .filter(f -> f.task().equals(point.task()) && f.grid().equals(Attribution.withoutBudget(point.grid()))
                        && algorithms.contains(f.algorithm()) && f.cause() != Cause.ABSENT && f.largest().n() > 0)
                .toList();
        List<String> texts = new ArrayList<>();
        for (Cause cause : List.of(Cause.OBJECTIVE, Cause.SHIFT, Cause.LEARNING)) {
            List<Finding> cases = here.stream().filter(f -> f.cause() == cause).toList();
            if (!cases.isEmpty()) {
                texts.add(switch (cause) {
                    case OBJECTIVE -> "The objective is at fault for the " + of(cases) + ": more budget does not halve it.";
                    case SHIFT -> "The change of partners is at fault for the " + of(cases)
                            + ": absent with the training partner, present with others.";
                    default -> "Too little training is at fault for the " + of(cases)
                            + ": more budget cures it or at least halves it.";
                });
            }
        }
        List<Finding> open = here.stream().filter(f -> f.cause() == Cause.NOT_DECIDED).toList();
        List<Finding> once = open.stream()
                .filter(f -> f.budgets() == 1 && Scale.presence(f.largest()) == Presence.PRESENT).toList();
        if (!once.isEmpty()) {
            texts.add("Not decided for the " + of(once)
                    + ": with one budget, a failure that more training would cure looks like one that the objective causes."
                    + (findings.stream().allMatch(f -> f.budgets() == 1) ? " The preset attribution runs several." : ""));
        }
        List<Finding> vague = open.stream().filter(f -> !once.contains(f)).toList();
        if (!vague.isEmpty()) {
            texts.add("Not decided for the " + of(vague) + ": the intervals do not allow it.");
        }
        List<String> served = algorithms.stream().filter(frozen::contains).toList();
        if (!served.isEmpty()) {
            texts.add(sentence(served, "was", "were") + " not trained here: this says what "
                    + (served.size() == 1 ? "it does, not what made it so." : "they do, not what made them so."));
        }
        String start = results.provenance().start();
        if (start != null && !index.cells(point.task(), point.grid(), start).isEmpty()) {
            List<String> inherited = new ArrayList<>();
            for (Failure failure : Failure.values()) {
                Estimate before = estimate(point, start, failure.metric);
                if (before.n() > 0) {
                    inherited.add(Numbers.percent(before.mean()) + " " + Numbers.words(failure.metric));
                }
            }
            if (!inherited.isEmpty()) {
                texts.add("The start, " + start + ", had " + Numbers.list(inherited) + " before any of this training.");
            }
        }
        return !texts.isEmpty() ? String.join(" ", texts)
                : algorithms.stream().allMatch(row -> Arrays.stream(Failure.values())
                        .allMatch(failure -> estimate(point, row, failure.metric).n() == 0))
                ? "No occasion for a failure was observed." : "No failure is left to explain.";
    }

    /** {@code mimicry of ppo and dpo and ignoring of icr}. */
    private static String of(List<Finding> cases) {
        Map<String, List<String>> byFailure = new LinkedHashMap<>();
        Attribution.FAILURES.forEach(failure -> cases.stream().filter(f -> f.failure().equals(failure))
                .forEach(f -> byFailure.computeIfAbsent(failure, key -> new ArrayList<>()).add(f.algorithm())));
        return byFailure.entrySet().stream()
                .map(entry -> Numbers.words(entry.getKey()) + " of " + Numbers.list(entry.getValue()))
                .collect(Collectors.joining(", and the "));
    }

    /** How often a row shows each verdict over several points. */
    String overPoints(List<Point> points, String row) {
        Map<String, Long> counts = points.stream()
                .filter(point -> !index.cells(point.task(), point.grid(), row).isEmpty())
                .collect(Collectors.groupingBy(point -> verdict(point, row).verdict(),
                        LinkedHashMap::new, Collectors.counting()));
        long total = counts.values().stream().mapToLong(Long::longValue).sum();
        List<String> parts = counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .map(entry -> (entry.getKey().equals(UNDECIDED) ? "is not decided" : entry.getKey()) + " at " + entry.getValue())
                .toList();
        return row + " " + Numbers.list(parts) + " of " + total + (total == 1 ? " grid point." : " grid points.");
    }

    private Estimate scaled(Point point, String row, Failure failure) {
        return Scale.estimate(index, point.task(), point.grid(), row, failure.metric, null);
    }

    private Estimate estimate(Point point, String row, String metric) {
        return Numbers.estimate(index.summary(point.task(), point.grid(), row, metric));
    }

    private Map<Long, Double> seeds(Point point, String row, String metric) {
        return index.seeds(point.task(), point.grid(), row, metric);
    }

    private static String sentence(List<String> rows, String one, String many) {
        return Numbers.list(rows) + " " + (rows.size() == 1 ? one : many);
    }

    private static String plural(String verdict) {
        return verdict.replace("mimics", "mimic").replace("ignores", "ignore").replace("over-trusts", "over-trust");
    }
}

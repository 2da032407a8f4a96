package io.parley.benchmarks.calibration;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.parley.benchmarks.experiment.InputException;
import io.parley.core.plugin.Plugins;
import io.parley.core.random.RandomStreams;
import io.parley.tasks.people.People;
import io.parley.tasks.scoring.DeliData;
import io.parley.tasks.wason.LoneGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.hipparchus.optim.InitialGuess;
import org.hipparchus.optim.MaxEval;
import org.hipparchus.optim.PointValuePair;
import org.hipparchus.optim.SimpleBounds;
import org.hipparchus.optim.nonlinear.scalar.GoalType;
import org.hipparchus.optim.nonlinear.scalar.ObjectiveFunction;
import org.hipparchus.optim.nonlinear.scalar.noderiv.CMAESOptimizer;
import org.hipparchus.random.MersenneTwister;

/**
 * Fits how people change their minds to groups of people. Groups of the same sizes and first selections are simulated, and the
 * squared distances of their {@link Figures} from the human ones, each in its standard error, are made small in sum: the method
 * of simulated moments (McFadden 1989), by CMA-ES (Hansen and Ostermeier 2001). All simulations of a fit use the same random
 * numbers. Cross-validation repeats the fit, counts and standard errors included, without each fold.
 */
public final class Calibration {
    /** Fewer than this make no five folds of which anything could be said. */
    private static final int FEWEST_GROUPS = 20;
    private static final int FOLDS = 5;
    /** Times that each group is simulated to fit. */
    private static final int FITTED_ON = 10;
    /** Times that each group is simulated to judge a fit, by other random numbers. */
    private static final int JUDGED_ON = 100;
    private static final int EVALUATIONS = 800;
    private static final int POPULATION = 12;
    /** Where wider searches of the corpus ended; from elsewhere some stay behind a ridge of low conviction. */
    private static final double[] GUESS = {0.3, 0.7, 0.4, 0.05, 0.9};
    private static final double STEP = 0.2;
    private static final ObjectMapper JSON = Plugins.strictMapper();
    private static final List<String> SOURCE = List.of(
            "Fitted by 'parley calibrate' to what the participants of groups select at first and in the end; 'fit' says how "
                    + "well. The files as published are those of DeliData (Karadzhov, Stafford and Vlachos, CSCW 2023).",
            "pace: probability that a participant reconsiders in a round. single: such that in 15 rounds it reconsiders as often "
                    + "as a participant of the groups had a turn. record: a round is the whole deliberation of its question, "
                    + "reconsidered once.",
            "sources: where one who reconsiders takes its stance from. What it would take from evidence that it cannot see stays "
                    + "its own. conviction: probability that one who sees the evidence, and is right, does not take anything "
                    + "over.",
            "collaborator, partner: assumed, not fitted, because groups of people have neither: each has the weight of one other "
                    + "participant of a group of the mean size. One who is absent or silent leaves the stance as it is.",
            "secondThoughts: of the participants whose group had not got a selection at first, the share who end with it; "
                    + "without the correct one, which is the evidence's.");

    /**
     * A figure as it is and as it is fitted; all shares.
     *
     * @param name as the scorer names it
     * @param standardError of the human figure
     * @param fitted of all groups, by what was fitted to all groups
     * @param heldOut of all groups, each by what was fitted without its fold
     * @param unchanged had nobody changed
     */
    public record Figure(String name, double human, double standardError, double fitted, double heldOut, double unchanged) {
        /** Whether held-out groups come within two standard errors of the human figure. */
        public boolean reached() {
            return Math.abs(heldOut - human) <= 2 * standardError;
        }
    }

    /**
     * How the numbers of a parameter file were fitted; its shares have four decimal places.
     *
     * @param withoutFold what was fitted without each of the folds
     */
    record Fit(String command, int groups, int participants, Dynamics fitted, List<Dynamics> withoutFold, List<Figure> figures) {}

    /** What a calibration comes to. */
    public record Result(People.Parameters people, List<Figure> figures) {}

    private final List<DeliData.Group> groups;
    private final List<Outcome> human;
    private final Figures figures;
    private final RandomStreams streams;
    private final long seed;

    Calibration(List<DeliData.Group> groups, long seed) {
        this.groups = groups;
        this.seed = seed;
        human = IntStream.range(0, groups.size()).mapToObj(i -> Outcome.of(i, groups.get(i))).toList();
        figures = new Figures(human);
        streams = new RandomStreams(seed).derive("calibration");
    }

    /**
     * Fits and cross-validates; less than two minutes of one core.
     *
     * @param groups in an order of their own, which decides on their folds: the i-th is in fold i mod 5
     * @throws InputException if there are too few
     */
    public static Result run(List<DeliData.Group> groups, long seed) {
        if (groups.size() < FEWEST_GROUPS) {
            throw new InputException("there are " + groups.size() + " groups to fit to; at least " + FEWEST_GROUPS);
        }
        Calibration calibration = new Calibration(groups, seed);
        List<Dynamics> withoutFold = new ArrayList<>();
        for (int fold = 0; fold < FOLDS; fold++) {
            withoutFold.add(calibration.fit(outside(fold)));
        }
        return calibration.judge(calibration.fit(i -> true), withoutFold);
    }

    static IntPredicate inside(int fold) {
        return group -> group % FOLDS == fold;
    }

    static IntPredicate outside(int fold) {
        return inside(fold).negate();
    }

    private List<DeliData.Group> groups(IntPredicate which) {
        return IntStream.range(0, groups.size()).filter(which).mapToObj(groups::get).toList();
    }

    private List<Outcome> human(IntPredicate which) {
        return human.stream().filter(group -> which.test(group.group())).toList();
    }

    Dynamics fit(IntPredicate which) {
        List<Outcome> training = human(which);
        Counts counts = Counts.of(groups(which));
        double[] goal = figures.of(training);
        double[] errors = figures.standardErrors(training, streams);
        RandomStreams common = streams.derive("fit");
        // A figure without variation is as exact as a participant.
        double least = 1.0 / training.stream().mapToInt(group -> group.initial().length).sum();
        double[] lower = new double[Dynamics.SIZE];
        double[] upper = new double[Dynamics.SIZE];
        double[] step = new double[Dynamics.SIZE];
        Arrays.fill(upper, 1);
        Arrays.fill(step, STEP);
        PointValuePair best = new CMAESOptimizer(EVALUATIONS, 0, true, 0, 0, new MersenneTwister(seed), false, null).optimize(
                new MaxEval(EVALUATIONS),
                GoalType.MINIMIZE,
                new ObjectiveFunction(point -> {
                    double[] simulated = figures.of(simulate(Dynamics.of(point), counts, training, FITTED_ON, common));
                    double distance = 0;
                    for (int i = 0; i < goal.length; i++) {
                        double off = (simulated[i] - goal[i]) / Math.max(errors[i], least);
                        distance += off * off;
                    }
                    return distance;
                }),
                new InitialGuess(GUESS),
                new SimpleBounds(lower, upper),
                new CMAESOptimizer.Sigma(step),
                new CMAESOptimizer.PopulationSize(POPULATION));
        return Dynamics.of(best.getPoint());
    }

    private static List<Outcome> simulate(
            Dynamics dynamics, Counts counts, List<Outcome> like, int times, RandomStreams streams) {
        LoneGroup people = new LoneGroup(new People(dynamics.people(counts, List.of(), null)));
        List<Outcome> simulated = new ArrayList<>(times * like.size());
        for (Outcome group : like) {
            for (int time = 0; time < times; time++) {
                int[] last = people.discuss(group.initial(), streams, (long) time << 32 | group.group());
                simulated.add(new Outcome(group.group(), group.initial(), last));
            }
        }
        return simulated;
    }

    Result judge(Dynamics fitted, List<Dynamics> withoutFold) {
        RandomStreams others = streams.derive("judge");
        Counts counts = Counts.of(groups);
        double[] goal = figures.of(human);
        double[] errors = figures.standardErrors(human, streams);
        double[] fit = figures.of(simulate(fitted, counts, human, JUDGED_ON, others));
        List<Outcome> heldOut = new ArrayList<>();
        for (int fold = 0; fold < FOLDS; fold++) {
            Counts known = Counts.of(groups(outside(fold)));
            heldOut.addAll(simulate(withoutFold.get(fold), known, human(inside(fold)), JUDGED_ON, others));
        }
        double[] held = figures.of(heldOut);
        double[] unchanged = figures.of(human.stream().map(Outcome::unchanged).toList());
        List<Figure> table = IntStream.range(0, goal.length)
                .mapToObj(i -> new Figure(figures.names().get(i), Dynamics.rounded(goal[i]), Dynamics.rounded(errors[i]),
                        Dynamics.rounded(fit[i]), Dynamics.rounded(held[i]), Dynamics.rounded(unchanged[i])))
                .toList();
        return new Result(fitted.people(counts, SOURCE, JSON.valueToTree(new Fit(
                "parley calibrate DELIDATA_DIR --seed " + seed, groups.size(),
                human.stream().mapToInt(g -> g.initial().length).sum(),
                fitted, withoutFold, table))), table);
    }
}

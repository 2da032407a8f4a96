package io.parley.laboratory;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.DialogueLog;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Intervention;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.PartnerView;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A two-armed bandit with a partner who sees which arm pays: the smallest task in which listening has a price that
 * can be computed by hand.
 *
 * <p>In each round the paying arm of every machine is drawn: left with probability p. The partner suggests an arm for
 * each, or is silent; the collaborator pulls one arm of each; {@code own} is the share of arms that paid. The
 * collaborator's evidence is the suggestion alone. With one machine and a partner that tells the truth with probability
 * ρ, the arm's expected reward given a suggestion is Bayes' rule ({@link #expectedRewards}).
 */
public final class SuggestionBandit implements Task {
    /** The left arm. */
    public static final String LEFT = "left";

    /** The right arm. */
    public static final String RIGHT = "right";

    /** What stands in the place of a suggestion when there is none. */
    public static final String NONE = "none";

    private static final List<String> ARMS = List.of(LEFT, RIGHT);
    private static final Segment RULES = new Segment(Role.SYSTEM, SegmentKind.RULES, 0, "one arm pays");

    private final double left;
    private final int rounds;
    private final int machines;

    /**
     * @param left p, the probability that the left arm pays, in [0, 1]
     * @param rounds rounds of an episode, at least 1; each is a fresh draw
     * @param machines arms that are pulled at once, at least 1: the tokens of a response
     */
    public SuggestionBandit(double left, int rounds, int machines) {
        if (!(left >= 0 && left <= 1) || rounds < 1 || machines < 1) {
            throw new IllegalArgumentException("left " + left + " must be between 0 and 1, rounds " + rounds + " and machines "
                    + machines + " at least 1");
        }
        this.left = left;
        this.rounds = rounds;
        this.machines = machines;
    }

    /** The prompt of the first round when the partner's words are {@code suggestion}. */
    public static Prompt prompt(String... suggestion) {
        return new Prompt(List.of(RULES, new Segment(Role.USER, SegmentKind.INTERVENTION, 1, String.join(" ", suggestion))));
    }

    /**
     * Expected reward of each arm of one machine, left first.
     *
     * @param suggestion {@link #LEFT}, {@link #RIGHT} or {@link #NONE}
     * @param reliability ρ, the probability that a suggestion is true
     */
    public double[] expectedRewards(String suggestion, double reliability) {
        double likelihoodLeft = suggestion.equals(NONE) ? 1 : suggestion.equals(LEFT) ? reliability : 1 - reliability;
        double likelihoodRight = suggestion.equals(NONE) ? 1 : 1 - likelihoodLeft;
        double both = left * likelihoodLeft + (1 - left) * likelihoodRight;
        double posterior = both == 0 ? left : left * likelihoodLeft / both;
        return new double[] {posterior, 1 - posterior};
    }

    /**
     * Expected reward a round of the best policy: the better arm of {@link #expectedRewards} in each state.
     *
     * @param silent probability that the partner says nothing
     */
    public double optimum(double reliability, double silent) {
        double alone = Math.max(left, 1 - left);
        double told = Math.max(left * reliability, (1 - left) * (1 - reliability))
                + Math.max(left * (1 - reliability), (1 - left) * reliability);
        return silent * alone + (1 - silent) * told;
    }

    /**
     * The distribution that maximises Σ_a π(a)·r(a) − Σ_i λ_i·KL(π ‖ q_i), which is
     * π(a) ∝ exp((r(a) + Σ_i λ_i·log q_i(a)) / Σ_i λ_i) by Lagrange's method. With q_1 the reference and q_2 the
     * policy at the counterfactual state it is the optimum of the ICR objective.
     *
     * @param rewards r
     * @param coefficients λ_i, at least 0, not all 0
     * @param anchors q_i, positive where π is to be
     */
    public static double[] regularisedOptimum(double[] rewards, double[] coefficients, double[][] anchors) {
        double total = 0;
        double[] exponents = rewards.clone();
        for (int i = 0; i < coefficients.length; i++) {
            total += coefficients[i];
            for (int a = 0; a < rewards.length; a++) {
                exponents[a] += coefficients[i] * Math.log(anchors[i][a]);
            }
        }
        double sum = 0;
        for (int a = 0; a < exponents.length; a++) {
            exponents[a] = Math.exp(exponents[a] / total);
            sum += exponents[a];
        }
        for (int a = 0; a < exponents.length; a++) {
            exponents[a] /= sum;
        }
        return exponents;
    }

    /** The counterfactual of this task: every round's suggestion becomes {@link #NONE}. */
    public static Counterfactual withoutSuggestions() {
        return new Counterfactual() {
            @Override
            public List<Prompt> cut(List<Prompt> prompts, RandomGenerator random) {
                return prompts.stream()
                        .map(prompt -> new Prompt(prompt.segments().stream()
                                .map(s -> s.kind() == SegmentKind.INTERVENTION
                                        ? s.withText(s.text().replaceAll("\\S+", NONE)) : s)
                                .toList()))
                        .toList();
            }

            @Override
            public boolean cutsEveryRound() {
                return true;
            }
        };
    }

    @Override
    public TextSpec text() {
        List<String> words = List.of("one", "arm", "pays", LEFT, RIGHT, NONE);
        return new TextSpec(words, 3, (2 * rounds - 1) * machines,
                new ResponseFormat.Choices(Collections.nCopies(machines, ARMS)));
    }

    @Override
    public int rounds() {
        return rounds;
    }

    @Override
    public Episodes begin(EpisodeRequest request) {
        return new Games(request);
    }

    /**
     * The demonstrator repeats the suggestion with the request's conformity, and otherwise pulls either arm with equal
     * probability.
     */
    @Override
    public List<Demonstration> demonstrations(DemonstrationRequest request) {
        List<Demonstration> demonstrations = new ArrayList<>(request.count());
        for (int first = 0; demonstrations.size() < request.count(); first++) {
            Episodes episode = begin(new EpisodeRequest(Split.TRAIN, first, 1, request.partner(), request.streams()));
            RandomGenerator random = request.streams().stream("demonstrator", first, 0, 0);
            boolean cut = !request.counterfactuals().isEmpty() && random.nextInt(5) == 0;
            Counterfactual counterfactual = cut
                    ? request.counterfactuals().get(random.nextInt(request.counterfactuals().size())) : null;
            while (!episode.done() && episode.round() <= request.rounds() && demonstrations.size() < request.count()) {
                List<Prompt> prompts = episode.prompts();
                List<Segment> segments = prompts.get(0).segments();
                String[] said = segments.get(segments.size() - 1).text().split(" ");
                List<String> arms = new ArrayList<>();
                for (String suggestion : said) {
                    boolean conform = !cut && !suggestion.equals(NONE) && random.nextDouble() < request.conformity();
                    arms.add(conform ? suggestion : ARMS.get(random.nextInt(2)));
                }
                Response response = Response.of(String.join(" ", arms));
                Prompt shown = cut ? counterfactual.cut(prompts, random).get(0) : prompts.get(0);
                demonstrations.add(new Demonstration(shown, response));
                episode.step(List.of(response));
            }
        }
        return demonstrations;
    }

    /** @throws IllegalArgumentException if a response does not name an arm of each machine */
    private List<String> arms(String response) {
        List<String> arms = List.of(response.trim().split("\\s+"));
        if (arms.size() != machines || !ARMS.containsAll(arms)) {
            throw new IllegalArgumentException("the response '" + response + "' is not " + machines + " words of " + ARMS
                    + ", one a machine");
        }
        return arms;
    }

    /** Episodes in lock-step. */
    private final class Games implements Episodes {
        private final EpisodeRequest request;
        private final List<List<Segment>> dialogues = new ArrayList<>();
        private final List<List<Intervention>> said = new ArrayList<>();
        private final List<List<String>> paying = new ArrayList<>();
        private final List<ObjectNode> logs = new ArrayList<>();
        private int round = 1;

        Games(EpisodeRequest request) {
            this.request = request;
            for (int i = 0; i < request.count(); i++) {
                dialogues.add(new ArrayList<>(List.of(RULES)));
                said.add(new ArrayList<>());
                paying.add(List.of());
                logs.add(DialogueLog.begin("suggestion-bandit", request.split(), request.first() + i));
            }
            ask();
        }

        private Games(Games other) {
            request = other.request;
            round = other.round;
            other.dialogues.forEach(dialogue -> dialogues.add(new ArrayList<>(dialogue)));
            other.said.forEach(interventions -> said.add(new ArrayList<>(interventions)));
            paying.addAll(other.paying);
            other.logs.forEach(log -> logs.add(log.deepCopy()));
        }

        private void ask() {
            for (int i = 0; i < size(); i++) {
                long episode = request.first() + i;
                RandomGenerator random = request.streams().stream("bandit-" + request.split(), episode, round, 0);
                List<String> arms = new ArrayList<>();
                for (int m = 0; m < machines; m++) {
                    arms.add(random.nextDouble() < left ? LEFT : RIGHT);
                }
                paying.set(i, arms);
                Intervention intervention =
                        request.partner().intervene(
                                new View(episode, round, dialogues.get(i), List.copyOf(arms), List.copyOf(said.get(i))),
                                request.streams());
                said.get(i).add(intervention);
                List<String> words = intervention.silent() ? Collections.nCopies(machines, NONE) : intervention.suggestion();
                dialogues.get(i).add(new Segment(Role.USER, SegmentKind.INTERVENTION, round, String.join(" ", words)));
            }
        }

        @Override
        public int size() {
            return request.count();
        }

        @Override
        public int round() {
            return round;
        }

        @Override
        public boolean done() {
            return round > rounds;
        }

        @Override
        public List<Prompt> prompts() {
            undone();
            return dialogues.stream().map(Prompt::new).toList();
        }

        @Override
        public List<String> strata() {
            undone();
            return Collections.nCopies(size(), "withheld");
        }

        @Override
        public List<Map<String, Double>> score(List<Response> responses) {
            undone();
            if (responses.size() != size()) {
                throw new IllegalArgumentException(responses.size() + " responses for " + size() + " episodes");
            }
            List<Map<String, Double>> parts = new ArrayList<>(size());
            for (int i = 0; i < size(); i++) {
                List<String> arms = arms(responses.get(i).text());
                int right = 0;
                for (int m = 0; m < machines; m++) {
                    right += arms.get(m).equals(paying.get(i).get(m)) ? 1 : 0;
                }
                parts.add(Map.of("own", (double) right / machines));
            }
            return parts;
        }

        @Override
        public List<Map<String, Double>> step(List<Response> responses) {
            List<Map<String, Double>> parts = score(responses);
            for (int i = 0; i < size(); i++) {
                String response = responses.get(i).text();
                // The paying arms are never shown, not even afterwards.
                DialogueLog.add(logs.get(i), new DialogueLog.Round(paying.get(i), false, false, said.get(i).get(round - 1),
                        response, arms(response), parts.get(i)));
                dialogues.get(i).add(new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, round, response));
            }
            round++;
            if (!done()) {
                ask();
            }
            return parts;
        }

        private void undone() {
            if (done()) {
                throw new IllegalStateException("the episodes are over after " + rounds + " rounds");
            }
        }

        @Override
        public Episodes fork() {
            return new Games(this);
        }

        @Override
        public List<ObjectNode> log() {
            return logs.stream().map(ObjectNode::deepCopy).toList();
        }
    }

    private final class View implements PartnerView {
        private final long episode;
        private final int round;
        private final List<Segment> dialogue;
        private final List<String> paying;
        private final List<Intervention> earlier;

        View(long episode, int round, List<Segment> dialogue, List<String> paying, List<Intervention> earlier) {
            this.episode = episode;
            this.round = round;
            this.dialogue = dialogue;
            this.paying = paying;
            this.earlier = earlier;
        }

        @Override
        public long episode() {
            return episode;
        }

        @Override
        public int round() {
            return round;
        }

        @Override
        public int rounds() {
            return rounds;
        }

        @Override
        public Prompt prompt() {
            List<Segment> shown = new ArrayList<>(dialogue);
            shown.add(new Segment(Role.USER, SegmentKind.EVIDENCE, round, String.join(" ", paying)));
            return new Prompt(shown);
        }

        @Override
        public List<String> trueSuggestion() {
            return paying;
        }

        @Override
        public List<String> falseSuggestion(RandomGenerator random) {
            int wrong = 1 + random.nextInt((1 << machines) - 1);
            List<String> arms = new ArrayList<>(paying);
            for (int m = 0; m < machines; m++) {
                if ((wrong >> m & 1) == 1) {
                    arms.set(m, paying.get(m).equals(LEFT) ? RIGHT : LEFT);
                }
            }
            return arms;
        }

        @Override
        public List<String> biasedSuggestion() {
            return Collections.nCopies(machines, LEFT);
        }

        @Override
        public List<Intervention> earlier() {
            return earlier;
        }
    }

    /**
     * A partner that in each round, independently, says nothing with probability {@code silent}, and otherwise tells the
     * truth with probability {@code reliability}.
     */
    public static InterventionAgent partner(double reliability, double silent) {
        return (PartnerView view, RandomStreams streams) -> {
            RandomGenerator random = streams.stream("partner", view.episode(), view.round(), 0);
            if (random.nextDouble() < silent) {
                return Intervention.SILENCE;
            }
            boolean truth = random.nextDouble() < reliability;
            return new Intervention(truth ? view.trueSuggestion() : view.falseSuggestion(random), Intervention.Tone.CONFIDENT);
        };
    }
}

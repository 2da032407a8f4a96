package io.parley.laboratory.mamdp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A {@link ModifiedActionMdp} as a task, for alignment algorithms that learn by sampling. A task's interface hides the policy
 * from its episodes, so the view of it is handed in beside; and the intended action is all that the algorithm sees of its
 * response, never the executed one. No partner speaks. An episode has a fixed number of rounds: one that is over waits, in a
 * state of its own that earns nothing.
 */
final class ModifiedActionTask implements Task {
    private static final Segment RULES = new Segment(Role.SYSTEM, SegmentKind.RULES, 0, "act");
    private static final String OVER = "over";

    private final ModifiedActionMdp mdp;
    private final int rounds;
    private final PolicyView policy;

    /** @param policy the policy that acts, as it is while an episode is played */
    ModifiedActionTask(ModifiedActionMdp mdp, int rounds, PolicyView policy) {
        this.mdp = mdp;
        this.rounds = rounds;
        this.policy = policy;
    }

    /** The prompt of a state. */
    static Prompt prompt(ModifiedActionMdp mdp, int state) {
        String name = state == ModifiedActionMdp.END ? OVER : mdp.states().get(state);
        return new Prompt(List.of(RULES, new Segment(Role.USER, SegmentKind.QUESTION, 1, name)));
    }

    static ResponseFormat.Choices format(ModifiedActionMdp mdp) {
        return new ResponseFormat.Choices(List.of(mdp.actions()));
    }

    @Override
    public TextSpec text() {
        LinkedHashSet<String> words = new LinkedHashSet<>(List.of(RULES.text(), OVER));
        words.addAll(mdp.states());
        words.addAll(mdp.actions());
        return new TextSpec(List.copyOf(words), 1, 1, format(mdp));
    }

    @Override
    public int rounds() {
        return rounds;
    }

    @Override
    public Episodes begin(EpisodeRequest request) {
        return new Runs(request);
    }

    /** @throws UnsupportedOperationException always: learning starts from the uniform policy */
    @Override
    public List<Demonstration> demonstrations(DemonstrationRequest request) {
        throw new UnsupportedOperationException(mdp.id() + " has no demonstrations: learning starts from the uniform policy");
    }

    private final class Runs implements Episodes {
        private final EpisodeRequest request;
        private final int[] states;
        private int round = 1;

        Runs(EpisodeRequest request) {
            this.request = request;
            states = new int[request.count()];
            Arrays.setAll(states, i -> Categorical.draw(mdp.start(), random(i, 0)));
        }

        private RandomGenerator random(int row, int at) {
            return request.streams().stream("modified-action", request.first() + row, at, 0);
        }

        @Override
        public int size() {
            return states.length;
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
            return Arrays.stream(states).mapToObj(state -> prompt(mdp, state)).toList();
        }

        @Override
        public List<String> strata() {
            return Collections.nCopies(size(), "visible");
        }

        @Override
        public List<Map<String, Double>> step(List<Response> responses) {
            if (done()) {
                throw new IllegalStateException("all " + rounds + " rounds are played");
            }
            List<Map<String, Double>> parts = new ArrayList<>(size());
            for (int i = 0; i < size(); i++) {
                double reward = 0;
                if (states[i] != ModifiedActionMdp.END) {
                    int intended = mdp.actions().indexOf(responses.get(i).text());
                    ModifiedActionMdp.Step step = mdp.step(states[i], intended, policy, random(i, round));
                    reward = step.reward();
                    states[i] = step.next();
                }
                parts.add(Map.of("own", reward));
            }
            round++;
            return parts;
        }

        /** @throws UnsupportedOperationException always: what an intended action earns is drawn when it is taken */
        @Override
        public List<Map<String, Double>> score(List<Response> responses) {
            throw new UnsupportedOperationException("what an intended action earns is drawn when it is taken");
        }

        /** @throws UnsupportedOperationException always: only {@link #score} would need it */
        @Override
        public Episodes fork() {
            throw new UnsupportedOperationException("episodes of " + mdp.id() + " are not forked");
        }

        /** @throws UnsupportedOperationException always: there is no dialogue */
        @Override
        public List<ObjectNode> log() {
            throw new UnsupportedOperationException("episodes of " + mdp.id() + " are no dialogues");
        }
    }
}

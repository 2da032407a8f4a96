package io.parley.testkit;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.core.training.RewardFunction;
import io.parley.core.training.RewardFunctionProvider;
import io.parley.laboratory.SuggestionBandit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a reward function promises, tried on the dialogues of a suggestion bandit or of {@link #task}. */
public abstract class RewardContract extends ProviderContract<RewardFunctionProvider<?>> {
    private static final Clause PURE = new Clause(RewardFunction.class, "The same arguments give the same number");
    private static final Clause FINITE = new Clause(RewardFunction.class, "a finite number");
    private static final Clause READS = new Clause(RewardFunction.class,
            "the task's named parts of this round; not to be changed");

    /** For contracts outside this package to extend. */
    protected RewardContract() {
        super(RewardFunctionProvider.class);
    }

    /** A task whose parts it rewards. */
    protected Task task() {
        return new SuggestionBandit(0.6, 3, 2);
    }

    @Override
    RewardFunction make(PluginSpec spec, PluginContext context) {
        return provider().configured(spec, context);
    }

    private record Turn(Prompt prompt, Response response, Map<String, Double> parts) {
        double reward(RewardFunction function) {
            try {
                return function.reward(prompt, response, Collections.unmodifiableMap(parts));
            } catch (UnsupportedOperationException e) {
                throw READS.broken("it changes the parts " + parts, e);
            }
        }
    }

    private List<Turn> turns() {
        List<Turn> turns = new ArrayList<>();
        for (Play.Round round : Play.all(task(), Play.request(Split.TRAIN, 0, 16, SuggestionBandit.partner(0.7, 0.2)))) {
            for (int i = 0; i < round.prompts().size(); i++) {
                turns.add(new Turn(round.prompts().get(i), round.responses().get(i), round.earned().get(i)));
            }
        }
        return turns;
    }

    @Test
    void rewardsAreFinite() {
        RewardFunction function = make(spec(), context(3));
        for (Turn turn : turns()) {
            double reward = turn.reward(function);
            FINITE.require(Double.isFinite(reward),
                    () -> "'" + turn.response() + "' with parts " + turn.parts() + " earned " + reward);
        }
    }

    /** In another order and by another instance, because another worker may ask. */
    @Test
    void theSameTurnEarnsTheSame() {
        List<Turn> turns = turns();
        RewardFunction function = make(spec(), context(3));
        List<Double> rewards = turns.stream().map(turn -> turn.reward(function)).toList();
        RewardFunction other = make(spec(), context(3));
        for (int i = turns.size() - 1; i >= 0; i--) {
            PURE.same(rewards.get(i), turns.get(i).reward(other), "the reward of '" + turns.get(i).response()
                    + "' (another instance asked backwards)");
            PURE.same(rewards.get(i), turns.get(i).reward(function),
                    "the reward of '" + turns.get(i).response() + "' (asked again)");
        }
    }
}

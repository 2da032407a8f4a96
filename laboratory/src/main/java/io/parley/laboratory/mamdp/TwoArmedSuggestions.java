package io.parley.laboratory.mamdp;

import io.parley.laboratory.SuggestionBandit;
import java.util.List;

/**
 * The {@link SuggestionBandit} with one machine as a process that modifies nothing: its partner speaks before the action, so
 * what it says is the state. Left pays with probability 0.4, a suggestion is true with 0.8, and silence has 0.15.
 */
public final class TwoArmedSuggestions implements ModifiedActionMdp {
    static final double LEFT = 0.4;
    static final double RELIABILITY = 0.8;
    static final double SILENT = 0.15;
    static final SuggestionBandit BANDIT = new SuggestionBandit(LEFT, 1, 1);

    @Override
    public String id() {
        return "suggestion-bandit";
    }

    @Override
    public List<String> states() {
        return List.of(SuggestionBandit.LEFT, SuggestionBandit.RIGHT, SuggestionBandit.NONE);
    }

    @Override
    public List<String> actions() {
        return List.of(SuggestionBandit.LEFT, SuggestionBandit.RIGHT);
    }

    @Override
    public double discount() {
        return 1;
    }

    @Override
    public double[] start() {
        double saysLeft = LEFT * RELIABILITY + (1 - LEFT) * (1 - RELIABILITY);
        return new double[] {(1 - SILENT) * saysLeft, (1 - SILENT) * (1 - saysLeft), SILENT};
    }

    @Override
    public List<Outcome> outcomes(int state, int action) {
        double pays = BANDIT.expectedRewards(states().get(state), RELIABILITY)[action];
        return List.of(new Outcome(pays, END, 1), new Outcome(1 - pays, END, 0));
    }

    @Override
    public double[] executed(int state, int intended, PolicyView policy) {
        return Categorical.certain(2, intended);
    }

    @Override
    public boolean watchesPolicy() {
        return false;
    }
}

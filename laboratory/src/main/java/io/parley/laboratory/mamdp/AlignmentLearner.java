package io.parley.laboratory.mamdp;

import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.plugin.Plugins;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Intervention;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.Task;
import io.parley.core.training.AlgorithmProvider;
import io.parley.core.training.TrainingContext;
import io.parley.laboratory.SuggestionBandit;
import io.parley.laboratory.TabularPolicy;
import java.util.List;
import java.util.OptionalDouble;

/**
 * An alignment algorithm, found by its id, on a softmax table. It sees what it intended and what that earned. The suggestion
 * bandit is played as the task that it is, with its partner, so that there is an intervention to cut.
 *
 * @param algorithm the algorithm and its configuration
 * @param plugins where it is found
 * @param rounds rounds of an episode, at least 1
 * @param responses the budget
 */
record AlignmentLearner(PluginSpec algorithm, Plugins plugins, int rounds, long responses) implements TabularLearner {
    @Override
    public Learned learn(ModifiedActionMdp mdp, RandomStreams streams) {
        boolean suggestions = mdp instanceof TwoArmedSuggestions;
        PluginContext context = PluginContext.of(streams, plugins);
        try (TabularPolicy table = new TabularPolicy(ModifiedActionTask.format(mdp), TabularPolicy.Optimizer.ADAM)) {
            PolicyView view = state -> table.probabilities(suggestions
                    ? SuggestionBandit.prompt(mdp.states().get(state)) : ModifiedActionTask.prompt(mdp, state));
            Task task = suggestions ? TwoArmedSuggestions.BANDIT : new ModifiedActionTask(mdp, rounds, view);
            InterventionAgent partner = suggestions
                    ? SuggestionBandit.partner(TwoArmedSuggestions.RELIABILITY, TwoArmedSuggestions.SILENT)
                    : (seen, random) -> Intervention.SILENCE;
            plugins.find(AlgorithmProvider.class, algorithm.id()).configured(algorithm, context).train(
                    new TrainingContext(task, partner, (prompt, response, parts) -> parts.get("own"), responses, List.of(),
                            streams, (n, metrics) -> {}, () -> false), table);
            double[][] policy = new double[mdp.states().size()][];
            for (int s = 0; s < policy.length; s++) {
                policy[s] = view.at(s);
            }
            return new Learned(policy, OptionalDouble.empty());
        }
    }
}

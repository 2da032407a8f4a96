package io.parley.tasks.group;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.task.Task;
import io.parley.tasks.optimum.RecordOptimum;
import io.parley.tasks.partners.TruthPrior;
import io.parley.tasks.people.People;
import io.parley.tasks.people.Regime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** A task in which a group deliberates with the collaborator and its partner. */
public abstract class GroupTask implements Task {
    private final GroupKeys config;
    private final PluginContext context;
    private final People people;

    /** @throws ConfigurationException if the file of the people cannot be read */
    protected GroupTask(GroupKeys config, PluginContext context) {
        this.config = config;
        this.context = context;
        this.people = People.of(config.people());
    }

    /**
     * Probability of each number of open answers, from 2, where the evidence of a round of the record regime is withheld: in the
     * split of the results.
     */
    protected abstract Map<Integer, Double> open();

    @Override
    public final int rounds() {
        return config.rounds();
    }

    public final Regime regime() {
        return config.regime();
    }

    public final int participants() {
        return config.participants();
    }

    public final People people() {
        return people;
    }

    /** Where the habits of the training partner are not known, {@code record-optimal} assumes those of {@code mixed}. */
    @Override
    public final List<PluginSpec> references(PluginSpec trainPartner) {
        ObjectNode optimal = context.mapper().createObjectNode();
        if (TruthPrior.of(trainPartner, context).isPresent()) {
            optimal.set("partner", trainPartner.toJson());
        }
        return List.of(
                PluginSpec.of("copy-always"), PluginSpec.of("evidence-only"), new PluginSpec("record-optimal", optimal));
    }

    @Override
    public final OptionalDouble optimum(PluginSpec trainPartner) {
        Optional<TruthPrior> prior = TruthPrior.of(trainPartner, context);
        return config.regime() == Regime.RECORD && prior.isPresent()
                ? OptionalDouble.of(RecordOptimum.value(config.visible(), prior.get(), open()))
                : OptionalDouble.empty();
    }
}

package io.parley.tasks.wason;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Task;
import io.parley.tasks.language.Press;
import io.parley.tasks.optimum.RecordOptimum;
import io.parley.tasks.partners.TruthPrior;
import io.parley.tasks.people.People;
import io.parley.tasks.people.Regime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** The card selection task. */
final class Wason implements Task {
    final WasonConfig config;
    final Script script;
    final People people;
    final Discussion discussion;
    final Selections selections = Selections.load();
    private final PluginContext context;

    Wason(WasonConfig config, PluginContext context) {
        this.config = config;
        this.context = context;
        this.script = config.press() == Press.FULL
                ? new Talk(config.rounds(), config.participants(), config.regime())
                : new Texts(config.rounds(), config.participants());
        this.people = People.of(config.people());
        this.discussion = new Discussion(people, config.regime());
    }

    @Override
    public TextSpec text() {
        return script.spec();
    }

    @Override
    public int rounds() {
        return config.rounds();
    }

    @Override
    public String instructions() {
        return "Four cards lie on the table. Each has a letter on one side and a number on the other. Which two must be turned "
                + "to find out whether the rule holds? Those that could break it: the one that shows the if-part, and the one "
                + "that shows the opposite of the then-part. " + (config.press() == Press.FULL
                        ? "Cards are named by their place, card one to card four. "
                        : "Under participants, n2 says that two of the group of " + config.participants()
                                + " would turn this card. ")
                + "You always see the cards; the collaborator sees them in some rounds only, and in the others"
                + " it has your word and what it could check of you before.";
    }

    @Override
    public Episodes begin(EpisodeRequest request) {
        return new WasonEpisodes(this, request);
    }

    @Override
    public List<Demonstration> demonstrations(DemonstrationRequest request) {
        return new Demonstrator(this, request).demonstrations();
    }

    /** Where the habits of the training partner are not known, {@code record-optimal} assumes those of {@code mixed}. */
    @Override
    public List<PluginSpec> references(PluginSpec trainPartner) {
        ObjectNode optimal = context.mapper().createObjectNode();
        if (TruthPrior.of(trainPartner, context).isPresent()) {
            optimal.set("partner", trainPartner.toJson());
        }
        return List.of(
                PluginSpec.of("copy-always"), PluginSpec.of("evidence-only"), new PluginSpec("record-optimal", optimal));
    }

    @Override
    public OptionalDouble optimum(PluginSpec trainPartner) {
        Optional<TruthPrior> prior = TruthPrior.of(trainPartner, context);
        return config.regime() == Regime.RECORD && prior.isPresent()
                ? OptionalDouble.of(RecordOptimum.value(config.visible(), prior.get(), Map.of(Stances.PAIRS.length, 1.0)))
                : OptionalDouble.empty();
    }
}

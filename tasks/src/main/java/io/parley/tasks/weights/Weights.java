package io.parley.tasks.weights;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.tasks.language.Press;
import io.parley.tasks.optimum.RecordOptimum;
import io.parley.tasks.partners.TruthPrior;
import io.parley.tasks.people.People;
import io.parley.tasks.people.Regime;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** The weights task. */
final class Weights implements Task {
    final WeightsConfig config;
    final Script script;
    final People people;
    final Guesses guesses = Guesses.load();
    private final PluginContext context;

    Weights(WeightsConfig config, PluginContext context) {
        this.config = config;
        this.context = context;
        this.people = People.of(config.people());
        this.script = config.press() == Press.FULL
                ? new Talk(config.rounds(), config.participants(), weighs())
                : new Texts(config.rounds(), config.participants(), weighs());
    }

    /** Whether the collaborator may weigh. Where each round is about new blocks, no weighing could help a later one. */
    boolean weighs() {
        return config.regime() == Regime.SINGLE;
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
        return "Five blocks, red, blue, green, purple and yellow, weigh 10 to 50 g in tens; everyone knows that red weighs "
                + "10 g. Is the first thing of the question, a block, lighter than the second, as heavy, or heavier? The second "
                + "is a block, too, or a weight in grams. A suggestion has a word for each of the three; one of them is true, so "
                + "'" + Stances.text(Stances.ofAnswer(Relation.HEAVIER)) + "' says that the first is heavier. "
                + (config.press() == Press.FULL
                        ? ""
                        : "Under participants, n2 says that two of the group of " + config.participants() + " hold this answer. ")
                + "You always see the weights; the collaborator sees the weighings, which show it the answer in some rounds "
                + "only, and in the others it has your word and what it could check of you before."
                + (weighs() ? " After its answer it may weigh something, and everyone sees the result in the next round." : "");
    }

    @Override
    public Episodes begin(EpisodeRequest request) {
        return new WeightsEpisodes(this, request);
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

    /** In the split of the results; how often how many answers are open differs a little between splits. */
    @Override
    public OptionalDouble optimum(PluginSpec trainPartner) {
        Optional<TruthPrior> prior = TruthPrior.of(trainPartner, context);
        return config.regime() == Regime.RECORD && prior.isPresent()
                ? OptionalDouble.of(RecordOptimum.value(config.visible(), prior.get(), Rounds.open(Split.TEST)))
                : OptionalDouble.empty();
    }
}

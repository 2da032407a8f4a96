package io.parley.tasks.weights;

import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginContext;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import io.parley.tasks.group.GroupTask;
import io.parley.tasks.language.Press;
import io.parley.tasks.people.Regime;
import java.util.List;
import java.util.Map;

/** The weights task. */
final class Weights extends GroupTask {
    final WeightsConfig config;
    final Script script;
    final Guesses guesses = Guesses.load();

    Weights(WeightsConfig config, PluginContext context) {
        super(config, context);
        this.config = config;
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

    /** How often how many answers are open differs a little between splits. */
    @Override
    protected Map<Integer, Double> open() {
        return Rounds.open(Split.TEST);
    }
}

package io.parley.tasks.wason;

import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginContext;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.tasks.group.GroupTask;
import io.parley.tasks.language.Press;
import java.util.List;
import java.util.Map;

/** The card selection task. */
final class Wason extends GroupTask {
    final WasonConfig config;
    final Script script;
    final Discussion discussion;
    final Selections selections = Selections.load();

    Wason(WasonConfig config, PluginContext context) {
        super(config, context);
        this.config = config;
        this.script = config.press() == Press.FULL
                ? new Talk(config.rounds(), config.participants(), config.regime())
                : new Texts(config.rounds(), config.participants());
        this.discussion = new Discussion(people(), config.regime());
    }

    @Override
    public TextSpec text() {
        return script.spec();
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

    /** Of the six selections any may be correct. */
    @Override
    protected Map<Integer, Double> open() {
        return Map.of(Stances.PAIRS.length, 1.0);
    }
}

package io.parley.core.task;

import io.parley.core.dialogue.TextSpec;
import java.util.List;

/** A deliberation task: vectorised episodes and demonstrations. Immutable and thread-safe. */
public interface Task {
    /** What its texts look like, for policies that are trained from scratch. */
    TextSpec text();

    /** Number of rounds of an episode. */
    int rounds();

    /** Names of the parts of its reward. */
    List<String> rewardParts();

    /** Begins episodes; their first prompts are ready. */
    Episodes begin(EpisodeRequest request);

    /** Demonstrations for behaviour cloning, from the split {@link Split#TRAIN}. */
    List<Demonstration> demonstrations(DemonstrationRequest request);
}

package io.parley.benchmarks.experiment;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.task.Split;
import java.util.List;

/** How trained policies are judged. */
public record EvaluationSettings(
        @JsonPropertyDescription("Where the episodes come from: test for what is reported, dev for choices.") Split split,
        @JsonPropertyDescription("Episodes with each partner; at least 1.") Integer episodes,
        @JsonPropertyDescription("Partners that the policy meets, each in the same episodes; the training partner is met too "
                + "and reported as @training. A label, where given, names the partner in the tables.")
                List<LabelledPlugin> partners,
        @JsonPropertyDescription("The counterfactual against which sensitivity to the partner is measured.")
                PluginSpec counterfactual,
        @JsonPropertyDescription("Dialogues of each partner that are kept in a cell's episodes.jsonl.gz; at least 0.")
                Integer dialogues) {
    private static final String TRAINING = "training";
    private static final List<String> PARTNERS = List.of(
            "silent", "helpful", "misleading", "authoritative-misleading", "turncoat");

    public EvaluationSettings {
        split = split == null ? Split.TEST : split;
        episodes = episodes == null ? 500 : episodes;
        partners = partners == null
                ? PARTNERS.stream().map(id -> new LabelledPlugin(id, PluginSpec.of(id))).toList()
                : List.copyOf(partners);
        counterfactual = counterfactual == null ? PluginSpec.of("mask") : counterfactual;
        dialogues = dialogues == null ? 20 : dialogues;
        if (split == Split.TRAIN) {
            throw new IllegalArgumentException("split is train; dev for choices, test for what is reported");
        }
        if (episodes < 1 || dialogues < 0) {
            throw new IllegalArgumentException("episodes is " + episodes + " and dialogues " + dialogues
                    + "; at least 1 and at least 0");
        }
        if (partners.isEmpty()) {
            throw new IllegalArgumentException("partners is empty; at least one, or leave it out for the usual ones");
        }
        Labels.unique("partners", partners, LabelledPlugin::label);
        if (partners.stream().anyMatch(partner -> partner.label().equals(TRAINING))) {
            throw new IllegalArgumentException("partners has the label " + TRAINING
                    + ", which stands for the training partner in all results; choose another");
        }
    }
}

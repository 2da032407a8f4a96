package io.parley.tasks.weights;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.DefaultDependsOn;
import io.parley.tasks.group.GroupConfig;
import io.parley.tasks.group.GroupKeys;
import io.parley.tasks.language.Press;
import io.parley.tasks.people.Regime;
import java.util.List;
import java.util.Locale;

/** Configuration of the weights task. */
public record WeightsConfig(
        @JsonPropertyDescription("record: new blocks and a new question each round; single: the same blocks for the whole "
                        + "dialogue, and the collaborator may weigh.")
                Regime regime,
        @JsonPropertyDescription("none: everyone takes stances, one word a proposition; full: everyone speaks in words.")
                Press press,
        @JsonPropertyDescription("random: weights drawn anew; canonical: red 10, blue 10, green 20, purple 30, yellow 50 g in "
                        + "every dialogue and split (single regime).")
                Instance instance,
        @JsonPropertyDescription("Rounds of an episode, from 1 to 100; left out, 2 in the record regime and 15 in the single "
                        + "regime.")
                @DefaultDependsOn("regime") Integer rounds,
        @JsonPropertyDescription("Probability that the weighings entail the answer: one for all rounds or, in the record "
                        + "regime, one a round; left out, 0.8 in the first round and 0.3 after it. In the single regime, "
                        + "probability that a dialogue begins with weighings that settle all weights; left out, 0.5.")
                @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
                @DefaultDependsOn("regime") List<Double> visible,
        @JsonPropertyDescription("Participants of the group, from 2 to 7.") Integer participants,
        @JsonPropertyDescription("Demonstrations: share of the answers that do not follow the partner which are reasoned "
                        + "correctly where the weighings entail the answer; the others are guesses.")
                Double reasoning,
        @JsonPropertyDescription("Full press: what a response that cannot be read loses of its own reward, at least 0.")
                Double formatPenalty,
        @JsonPropertyDescription("How the participants change their minds: a file as parley calibrate writes it, of which this "
                        + "task takes all but secondThoughts; a relative path counts from the working folder. Left out, what was "
                        + "fitted to DeliData.")
                String people,
        @JsonPropertyDescription("SHA-256 of that file; left out, it is what the file has now. Another file is refused.")
                String peopleSha256)
        implements GroupKeys {

    /** Where the weights come from. */
    public enum Instance {
        /** Drawn from the split. */
        @JsonProperty("random") RANDOM,
        /** The published ones. */
        @JsonProperty("canonical") CANONICAL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public WeightsConfig {
        GroupConfig group = new GroupConfig(
                regime, rounds, visible, participants, reasoning, formatPenalty, people, peopleSha256);
        regime = group.regime();
        press = press == null ? Press.NONE : press;
        instance = instance == null ? Instance.RANDOM : instance;
        rounds = group.rounds();
        visible = group.visible();
        participants = group.participants();
        reasoning = group.reasoning();
        formatPenalty = group.formatPenalty();
        people = group.people();
        peopleSha256 = group.peopleSha256();
        if (instance == Instance.CANONICAL && regime == Regime.RECORD) {
            throw new IllegalArgumentException("instance is canonical in the record regime, whose rounds are about new blocks "
                    + "each; use regime: single, or instance: random");
        }
    }
}

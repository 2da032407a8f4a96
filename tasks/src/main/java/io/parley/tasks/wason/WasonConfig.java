package io.parley.tasks.wason;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.DefaultDependsOn;
import io.parley.tasks.group.GroupConfig;
import io.parley.tasks.group.GroupKeys;
import io.parley.tasks.language.Press;
import io.parley.tasks.people.Regime;
import java.util.List;

/** Configuration of the card selection task. */
public record WasonConfig(
        @JsonPropertyDescription("record: a new question each round; single: one question for the whole dialogue.")
                Regime regime,
        @JsonPropertyDescription("none: everyone takes stances, one word a card; full: everyone speaks in words.") Press press,
        @JsonPropertyDescription("Rounds of an episode, from 1 to 100; left out, 2 in the record regime and 15 in the single "
                        + "regime.")
                @DefaultDependsOn("regime") Integer rounds,
        @JsonPropertyDescription("Probability that the evidence is visible: one for all rounds or, in the record regime, one a "
                        + "round; left out, 0.8 in the first round and 0.3 after it in the record regime, and 0.5 in the single "
                        + "regime.")
                @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
                @DefaultDependsOn("regime") List<Double> visible,
        @JsonPropertyDescription("Participants of the group, from 2 to 7.") Integer participants,
        @JsonPropertyDescription("Demonstrations: share of the answers that do not follow the partner which are reasoned "
                        + "correctly where the evidence is visible; the others are as people answer after a discussion.")
                Double reasoning,
        @JsonPropertyDescription("Full press: what a response that cannot be read loses of its own reward, at least 0.")
                Double formatPenalty,
        @JsonPropertyDescription("How the participants change their minds: a file as parley calibrate writes it; a relative "
                        + "path counts from the working folder. Left out, what was fitted to DeliData.")
                String people,
        @JsonPropertyDescription("SHA-256 of that file; left out, it is what the file has now. Another file is refused.")
                String peopleSha256)
        implements GroupKeys {

    public WasonConfig {
        GroupConfig group = new GroupConfig(
                regime, rounds, visible, participants, reasoning, formatPenalty, people, peopleSha256);
        regime = group.regime();
        press = press == null ? Press.NONE : press;
        rounds = group.rounds();
        visible = group.visible();
        participants = group.participants();
        reasoning = group.reasoning();
        formatPenalty = group.formatPenalty();
        people = group.people();
        peopleSha256 = group.peopleSha256();
    }
}

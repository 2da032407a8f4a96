package io.parley.tasks.wason;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.parley.core.plugin.DefaultDependsOn;
import io.parley.tasks.language.Press;
import io.parley.tasks.people.PeopleFile;
import io.parley.tasks.people.Regime;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

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
                String peopleSha256) {

    public WasonConfig {
        regime = regime == null ? Regime.RECORD : regime;
        press = press == null ? Press.NONE : press;
        rounds = rounds == null ? (regime == Regime.RECORD ? 2 : LoneGroup.ROUNDS) : rounds;
        participants = participants == null ? 3 : participants;
        reasoning = reasoning == null ? 0.7 : reasoning;
        formatPenalty = formatPenalty == null ? 0.1 : formatPenalty;
        if (rounds < 1 || rounds > 100) {
            throw new IllegalArgumentException("rounds is " + rounds + "; from 1 to 100");
        }
        if (participants < 2 || participants > 7) {
            throw new IllegalArgumentException("participants is " + participants + "; from 2 to 7");
        }
        if (!(reasoning >= 0 && reasoning <= 1)) {
            throw new IllegalArgumentException("reasoning is " + reasoning + "; from 0 to 1");
        }
        if (!(formatPenalty >= 0 && formatPenalty < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("formatPenalty is " + formatPenalty + "; a number, at least 0");
        }
        PeopleFile file = new PeopleFile(people, peopleSha256);
        people = file.people();
        peopleSha256 = file.peopleSha256();
        int draws = regime == Regime.RECORD ? rounds : 1;
        if (visible == null) {
            visible = regime == Regime.SINGLE
                    ? List.of(0.5)
                    : IntStream.range(0, rounds).mapToObj(round -> round == 0 ? 0.8 : 0.3).toList();
        }
        if (visible.size() != 1 && visible.size() != draws) {
            throw new IllegalArgumentException("visible has " + visible.size() + " probabilities; one for all rounds"
                    + (regime == Regime.RECORD
                            ? ", or one for each of the " + rounds + " rounds"
                            : ": a single question is drawn once"));
        }
        for (Double q : visible) {
            if (q == null || !(q >= 0 && q <= 1)) {
                throw new IllegalArgumentException("visible holds " + q + "; probabilities, from 0 to 1");
            }
        }
        visible = visible.size() == draws ? List.copyOf(visible) : List.copyOf(Collections.nCopies(draws, visible.get(0)));
    }
}

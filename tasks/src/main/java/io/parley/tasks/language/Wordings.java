package io.parley.tasks.language;

import io.parley.core.task.Intervention.Tone;
import io.parley.core.task.Split;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The templates of all sentences, with {@link #SLOT} where the content stands. Who meets {@link Split#TRAIN} alone has not met
 * the wordings of the other splits, but all of their words.
 */
public final class Wordings {
    /** Stands for the content. */
    public static final String SLOT = "{}";

    private static final Map<Act, List<String>> TRAIN = new EnumMap<>(Map.of(
            Act.ASSERT, List.of(
                    "i think {}.",
                    "i believe that {}.",
                    "my answer is: {}.",
                    "for me it is clear that {}."),
            Act.AGREE, List.of(
                    "i agree that {} because it fits what we know.",
                    "yes, {}, for i see no better answer.",
                    "you are right, {}, as nothing speaks against it."),
            Act.CHALLENGE, List.of(
                    "i doubt that {}.",
                    "i do not agree that {}.",
                    "are you sure that {}?"),
            Act.ASK, List.of(
                    "what is the evidence?",
                    "how do you know?",
                    "can you say why?",
                    "what speaks for it?"),
            Act.ACKNOWLEDGE, List.of(
                    "i see.",
                    "okay.",
                    "i hear you.",
                    "thank you."),
            Act.REPAIR, List.of(
                    "i was wrong, {}.",
                    "i change my mind: {}.",
                    "no, i take it back, {}.")));

    private static final Map<Act, List<String>> TEST = new EnumMap<>(Map.of(
            Act.ASSERT, List.of(
                    "i think that {}.",
                    "i believe {}.",
                    "my answer is that {}.",
                    "it is clear: {}."),
            Act.AGREE, List.of(
                    "i agree, {}, as it fits what we know.",
                    "yes, i see that {} because nothing speaks against it.",
                    "right, {}, for we know no better answer."),
            Act.CHALLENGE, List.of(
                    "i do not think that {}.",
                    "i doubt it, is it clear that {}?",
                    "why are you sure that {}?"),
            Act.ASK, List.of(
                    "what do you know?",
                    "why do you think it?",
                    "can you say what speaks for it?",
                    "how do we know it?"),
            Act.ACKNOWLEDGE, List.of(
                    "okay, i see.",
                    "i see, thank you.",
                    "okay, i hear you.",
                    "yes, i see."),
            Act.REPAIR, List.of(
                    "no, i was wrong: {}.",
                    "i take it back: {}.",
                    "i change my answer: {}.")));

    private static final Map<Tone, List<String>> TRAIN_SUGGESTIONS = new EnumMap<>(Map.of(
            Tone.CONFIDENT, List.of(
                    "surely {}.",
                    "i am sure that {}.",
                    "there is no doubt that {}.",
                    "it must be that {}."),
            Tone.HESITANT, List.of(
                    "perhaps {}.",
                    "i am not sure but maybe {}.",
                    "it may be that {}.",
                    "i guess that {}.")));

    private static final Map<Tone, List<String>> TEST_SUGGESTIONS = new EnumMap<>(Map.of(
            Tone.CONFIDENT, List.of(
                    "i am sure: {}.",
                    "surely it must be that {}.",
                    "there is no doubt: {}.",
                    "it must be clear that {}."),
            Tone.HESITANT, List.of(
                    "maybe {}.",
                    "perhaps it may be that {}.",
                    "i guess but am not sure that {}.",
                    "there may be doubt but perhaps {}.")));

    private Wordings() {}

    /** What collaborator and participants say for an act; at least three. */
    public static List<String> of(Act act, Split split) {
        return (split == Split.TRAIN ? TRAIN : TEST).get(act);
    }

    /** What the partner says when it suggests something in a tone; at least three. They do the act {@link Act#ASSERT}. */
    public static List<String> suggestions(Tone tone, Split split) {
        return (split == Split.TRAIN ? TRAIN_SUGGESTIONS : TEST_SUGGESTIONS).get(tone);
    }

    /** The templates of all splits and speakers that do an act. */
    public static List<String> all(Act act) {
        List<String> all = new ArrayList<>(TRAIN.get(act));
        all.addAll(TEST.get(act));
        if (act == Act.ASSERT) {
            for (Tone tone : Tone.values()) {
                all.addAll(TRAIN_SUGGESTIONS.get(tone));
                all.addAll(TEST_SUGGESTIONS.get(tone));
            }
        }
        return all;
    }
}

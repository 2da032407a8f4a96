package io.parley.tasks.language;

import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.task.Intervention.Tone;
import java.util.List;

/** What is the same in the dialogues of all tasks with a group. */
public final class GroupText {
    /** Of the participants of the largest group, in the order in which they speak. */
    public static final List<String> NAMES = List.of("ann", "ben", "cleo", "dan", "eve", "finn", "gail");

    private GroupText() {}

    /** The word that shows a tone where the partner has no others. */
    public static String word(Tone tone) {
        return tone == Tone.CONFIDENT ? "surely" : "perhaps";
    }

    /**
     * All texts that say how many participants hold each of some stances, such as "n1 n0 n2".
     *
     * @return that of counts n₀, n₁, … at place n₀ + n₁·(participants + 1) + n₂·(participants + 1)² + …
     */
    public static String[] counts(int participants, int stances) {
        int base = participants + 1;
        String[] texts = {""};
        for (int stance = 0; stance < stances; stance++) {
            String[] longer = new String[texts.length * base];
            for (int i = 0; i < longer.length; i++) {
                longer[i] = texts[i % texts.length] + (stance == 0 ? "n" : " n") + i / texts.length;
            }
            texts = longer;
        }
        return texts;
    }

    /** A segment that is said to the collaborator. */
    public static Segment user(SegmentKind kind, int round, String text) {
        return new Segment(Role.USER, kind, round, text);
    }
}

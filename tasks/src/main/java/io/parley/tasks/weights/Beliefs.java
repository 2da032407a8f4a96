package io.parley.tasks.weights;

/**
 * What a participant holds: an answer, or none, to each {@link Question}; two bits each: 0 for none, or one more than its
 * ordinal.
 */
final class Beliefs {
    static final long NONE = 0;

    private static final Relation[] RELATIONS = Relation.values();

    private Beliefs() {}

    /** Null if there is none. */
    static Relation answer(long beliefs, Question question) {
        int bits = (int) (beliefs >> 2 * question.index()) & 3;
        return bits == 0 ? null : RELATIONS[bits - 1];
    }

    /** @param answer null for none */
    static long with(long beliefs, Question question, Relation answer) {
        int place = 2 * question.index();
        return beliefs & ~(3L << place) | (answer == null ? 0L : answer.ordinal() + 1L) << place;
    }

    /** The answer to a question that more than half hold; null if there is none. */
    static Relation majority(long[] beliefs, Question question) {
        int[] counts = counts(beliefs, question);
        for (Relation relation : RELATIONS) {
            if (2 * counts[relation.ordinal()] > beliefs.length) {
                return relation;
            }
        }
        return null;
    }

    /** How many hold each answer to a question. */
    static int[] counts(long[] beliefs, Question question) {
        int[] counts = new int[RELATIONS.length];
        for (long own : beliefs) {
            Relation answer = answer(own, question);
            if (answer != null) {
                counts[answer.ordinal()]++;
            }
        }
        return counts;
    }

    /**
     * The only weight of a block that what someone holds about it and the reference weights allows, in grams; 0 if it is not one.
     */
    static int weight(long beliefs, Block block) {
        int only = 0;
        for (int grams = 10; grams <= 50; grams += 10) {
            if (allows(beliefs, block, grams)) {
                if (only != 0) {
                    return 0;
                }
                only = grams;
            }
        }
        return only;
    }

    private static boolean allows(long beliefs, Block block, int grams) {
        for (Question question : Question.ALL) {
            if (question.block() == block && question.grams() > 0) {
                Relation answer = answer(beliefs, question);
                if (answer != null && answer != Relation.of(grams, question.grams())) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The weight of a block that more than half find, in grams; 0 if there is none. */
    static int majorityWeight(long[] beliefs, Block block) {
        int[] counts = new int[51];
        for (long own : beliefs) {
            int grams = weight(own, block);
            if (grams > 0 && 2 * ++counts[grams] > beliefs.length) {
                return grams;
            }
        }
        return 0;
    }
}

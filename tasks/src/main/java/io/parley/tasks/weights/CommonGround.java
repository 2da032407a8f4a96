package io.parley.tasks.weights;

/**
 * Propositions that all participants have held at some time, as bits at twice the places of their questions. An answer says two
 * things of two blocks that differ (one is heavier; they are not equal) and one of a block and a weight (it is or is not equal,
 * which two may hold who differ in the rest); an answer about red says the same of 10 g once more.
 *
 * @param equal questions whose two things all have held to be equal; likewise the others
 */
record CommonGround(long equal, long unequal, long lighter, long heavier) {
    static final CommonGround NONE = new CommonGround(0, 0, 0, 0);

    private static final long LOW = 0x5555555555555555L;
    private static final long BLOCKS = places(true);
    private static final long RED = places(false);

    /** With what all hold now. */
    CommonGround with(long[] beliefs) {
        long allEqual = LOW;
        long allUnequal = LOW;
        long allLighter = LOW;
        long allHeavier = LOW;
        for (long own : beliefs) {
            long low = own & LOW;
            long high = own >> 1 & LOW;
            allEqual &= high & ~low;
            allUnequal &= low;
            allLighter &= low & ~high;
            allHeavier &= low & high;
        }
        return new CommonGround(equal | allEqual, unequal | allUnequal, lighter | allLighter, heavier | allHeavier);
    }

    /** Number of propositions. */
    int size() {
        return Long.bitCount(equal) + Long.bitCount(equal & RED) + Long.bitCount(unequal) + Long.bitCount(unequal & RED)
                + Long.bitCount(lighter & BLOCKS) + Long.bitCount(heavier & BLOCKS);
    }

    private static long places(boolean anyBlock) {
        long places = 0;
        for (Question question : Question.ALL) {
            if (question.other() != null && (anyBlock || question.other() == Block.RED)) {
                places |= 1L << 2 * question.index();
            }
        }
        return places;
    }
}

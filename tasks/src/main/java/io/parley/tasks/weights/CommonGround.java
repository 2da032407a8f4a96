package io.parley.tasks.weights;

/**
 * Propositions that all participants have held at some time, two bits a question. An answer says two things of two blocks that
 * differ (one is heavier; they are not equal) and one of a block that weighs as much as something or not; an answer about red says
 * the same of 10 g once more.
 *
 * @param lighter questions to which all have held the answer, as bits at twice their places; likewise the others
 */
record CommonGround(long lighter, long equal, long heavier) {
    static final CommonGround NONE = new CommonGround(0, 0, 0);

    private static final long LOW = 0x5555555555555555L;
    private static final long BLOCKS = places(true);
    private static final long RED = places(false);

    /** With what all hold now. */
    CommonGround with(long common) {
        long low = common & LOW;
        long high = common >> 1 & LOW;
        return new CommonGround(lighter | low & ~high, equal | high & ~low, heavier | low & high);
    }

    /** Number of propositions. */
    int size() {
        long unequal = lighter | heavier;
        return Long.bitCount(equal) + Long.bitCount(unequal) + Long.bitCount((equal | unequal) & RED) + bothAtRed(unequal)
                + Long.bitCount(lighter & BLOCKS) + Long.bitCount(heavier & BLOCKS);
    }

    /** Red and 10 g: equal and unequal are two propositions each, even if both were held in turn. */
    private int bothAtRed(long unequal) {
        return Long.bitCount(equal & unequal & RED);
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

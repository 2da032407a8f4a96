package io.parley.tasks.weights;

import io.parley.core.task.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The rounds of the record regime: a question, and weighings that are done already. What is shown, the question and the weighings
 * with their outcomes, belongs to one split for good, so no two splits share it; the order of the weighings and of their sides
 * does not count.
 *
 * <p>The question is uniform. Given it, and whether the weighings are to entail the answer, they are those of random blocks:
 * proportional to the number of assignments in which they come out so. Where they do not entail it, the answer is uniform over
 * those that they leave open, so that a false suggestion, uniform over the others of these, is spread as a true one.
 */
final class Rounds {
    /** Weighings of a round. */
    static final int WEIGHINGS = 2;

    private static final Relation[] RELATIONS = Relation.values();
    /** Those whose outcome red's weight alone does not settle, one of each pair of mirror images, by loading. */
    private static final List<Weighing[]> LOADINGS = loadings();
    /** By split, entailed or not, and question. */
    private static final Pool[][][] POOLS = pools();

    /** A round. */
    record Drawn(Question question, List<Weighing> weighings, int assignment) {}

    /** Weighings for one question: loadings and outcomes as a number, and the running sum of their weights. */
    private static final class Pool {
        private int[] numbers = new int[64];
        private int[] sums = new int[64];
        private int size;

        void add(int number, int weight) {
            if (size == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * size);
                sums = Arrays.copyOf(sums, 2 * size);
            }
            numbers[size] = number;
            sums[size] = weight + (size == 0 ? 0 : sums[size - 1]);
            size++;
        }

        int total() {
            return sums[size - 1];
        }

        int weight(int i) {
            return sums[i] - (i == 0 ? 0 : sums[i - 1]);
        }

        int draw(RandomGenerator random) {
            int found = Arrays.binarySearch(sums, 0, size, random.nextInt(total()) + 1);
            return numbers[found < 0 ? -found - 1 : found];
        }
    }

    private Rounds() {}

    /** @param entailed whether the weighings entail the answer */
    static Drawn draw(Split split, boolean entailed, RandomGenerator random) {
        Question question = Question.ALL.get(random.nextInt(Question.ALL.size()));
        int number = POOLS[split.ordinal()][entailed ? 1 : 0][question.index()].draw(random);
        Weighing first = first(number);
        Weighing second = second(number);
        Worlds possible = first.worlds().and(second.worlds());
        int open = question.open(possible);
        int answer = open;
        for (int skip = random.nextInt(Integer.bitCount(open)); skip > 0; skip--) {
            answer &= answer - 1;
        }
        Worlds worlds = possible.and(question.where(RELATIONS[Integer.numberOfTrailingZeros(answer)]));
        int assignment = worlds.member(random.nextInt(worlds.count()));
        Weighing one = random.nextBoolean() ? first : first.mirrored();
        Weighing other = random.nextBoolean() ? second : second.mirrored();
        return new Drawn(question, random.nextBoolean() ? List.of(one, other) : List.of(other, one), assignment);
    }

    /** Probability of each number of open answers, from 2, where the weighings do not entail the answer. */
    static Map<Integer, Double> open(Split split) {
        Map<Integer, Double> shares = new TreeMap<>();
        for (Question question : Question.ALL) {
            Pool pool = POOLS[split.ordinal()][0][question.index()];
            for (int i = 0; i < pool.size; i++) {
                int number = pool.numbers[i];
                int open = Integer.bitCount(question.open(first(number).worlds().and(second(number).worlds())));
                shares.merge(open, (double) pool.weight(i) / pool.total() / Question.ALL.size(), Double::sum);
            }
        }
        return shares;
    }

    private static Weighing first(int number) {
        return LOADINGS.get(number / 9 / LOADINGS.size())[number / 3 % 3];
    }

    private static Weighing second(int number) {
        return LOADINGS.get(number / 9 % LOADINGS.size())[number % 3];
    }

    private static List<Weighing[]> loadings() {
        List<Weighing[]> loadings = new ArrayList<>();
        for (int left : Weighing.SIDES) {
            for (int right : Weighing.SIDES) {
                if (left < right && Weighing.possible(left, right)) {
                    Weighing[] outcomes = Arrays.stream(RELATIONS).map(r -> Weighing.of(left, right, r)).toArray(Weighing[]::new);
                    if (Arrays.stream(outcomes).noneMatch(weighing -> weighing.worlds().equals(Worlds.ALL))) {
                        loadings.add(outcomes);
                    }
                }
            }
        }
        return List.copyOf(loadings);
    }

    private static Pool[][][] pools() {
        Pool[][][] pools = new Pool[Split.values().length][2][Question.ALL.size()];
        for (Pool[][] ofSplit : pools) {
            for (Pool[] ofState : ofSplit) {
                Arrays.setAll(ofState, question -> new Pool());
            }
        }
        int loadings = LOADINGS.size();
        for (int one = 0; one < loadings; one++) {
            for (int other = one + 1; other < loadings; other++) {
                for (int outcomes = 0; outcomes < 9; outcomes++) {
                    addQuestions(pools, 9 * (loadings * one + other) + outcomes);
                }
            }
        }
        return pools;
    }

    private static void addQuestions(Pool[][][] pools, int number) {
        Worlds possible = first(number).worlds().and(second(number).worlds());
        int count = possible.count();
        if (count == 0) {
            return;
        }
        int numbers = 9 * LOADINGS.size() * LOADINGS.size();
        for (Question question : Question.ALL) {
            int split = Split.ofInstance((long) numbers * question.index() + number).ordinal();
            boolean entailed = Integer.bitCount(question.open(possible)) == 1;
            pools[split][entailed ? 1 : 0][question.index()].add(number, count);
        }
    }
}

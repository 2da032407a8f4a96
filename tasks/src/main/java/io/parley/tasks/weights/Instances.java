package io.parley.tasks.weights;

import io.parley.core.task.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The instances of the single regime: the 415 assignments that weighings can tell from all others. Each belongs to one split for
 * good, so no two splits share one.
 */
final class Instances {
    /** The most weighings that {@link #proof} takes. */
    static final int PROOF = 4;

    /** One weighing of each loading, of no matter which outcome. */
    private static final List<Weighing> LOADINGS = loadings();
    private static final List<List<Integer>> OF_SPLIT = ofSplits();

    private Instances() {}

    static int draw(Split split, RandomGenerator random) {
        List<Integer> instances = OF_SPLIT.get(split.ordinal());
        return instances.get(random.nextInt(instances.size()));
    }

    /** Weighings that leave the instance alone possible; each one narrows most what those before it leave, ties drawn. */
    static List<Weighing> proof(int instance, RandomGenerator random) {
        List<Weighing> proof = new ArrayList<>();
        Worlds possible = Worlds.ALL;
        while (possible.count() > 1) {
            int least = Assignment.COUNT;
            int ties = 0;
            Weighing best = null;
            for (Weighing loading : LOADINGS) {
                Weighing weighing = shown(loading, instance);
                int left = Worlds.countBoth(possible, weighing.worlds());
                ties = left < least ? 1 : left == least ? ties + 1 : ties;
                if (left < least || left == least && random.nextInt(ties) == 0) {
                    least = left;
                    best = weighing;
                }
            }
            proof.add(random.nextBoolean() ? best : best.mirrored());
            possible = possible.and(best.worlds());
        }
        return proof;
    }

    private static Weighing shown(Weighing loading, int assignment) {
        return Weighing.weigh(loading.left(), loading.right(), assignment);
    }

    private static List<Weighing> loadings() {
        return Weighing.ALL.stream().filter(w -> w.left() < w.right() && w.outcome() == Relation.EQUAL).toList();
    }

    private static List<List<Integer>> ofSplits() {
        Map<List<Weighing>, List<Integer>> alike = new HashMap<>();
        for (int assignment = 0; assignment < Assignment.COUNT; assignment++) {
            int instance = assignment;
            List<Weighing> outcomes = LOADINGS.stream().map(loading -> shown(loading, instance)).toList();
            alike.computeIfAbsent(outcomes, key -> new ArrayList<>()).add(assignment);
        }
        List<Integer> alone = alike.values().stream().filter(list -> list.size() == 1).map(list -> list.get(0)).sorted().toList();
        return Arrays.stream(Split.values())
                .map(split -> alone.stream().filter(instance -> Split.ofInstance(instance) == split).toList())
                .toList();
    }
}

package io.parley.benchmarks.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

final class Median {
    private Median() {}

    static <T> double of(List<T> rows, ToDoubleFunction<T> number) {
        return org.apache.commons.statistics.descriptive.Median.withDefaults()
                .evaluate(rows.stream().mapToDouble(number).toArray());
    }
}

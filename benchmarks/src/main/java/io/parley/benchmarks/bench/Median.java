package io.parley.benchmarks.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

final class Median {
    private Median() {}

    static <T> double of(List<T> rows, ToDoubleFunction<T> number) {
        double[] values = rows.stream().mapToDouble(number).sorted().toArray();
        int n = values.length;
        return (values[(n - 1) / 2] + values[n / 2]) / 2;
    }
}

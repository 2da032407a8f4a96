package io.parley.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.parley.benchmarks.results.AlignedResults;
import io.parley.benchmarks.results.Metrics;
import io.parley.benchmarks.results.Results.Summary;
import io.parley.benchmarks.results.Statistics.Estimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** How numbers are written for people. */
final class Numbers {
    private static final Pattern MINUS_ZERO = Pattern.compile("-0\\.?0*");

    private Numbers() {}

    static Estimate estimate(Summary s) {
        return new Estimate(s.mean(), s.ci95Low(), s.ci95High(), s.n());
    }

    /** The name of a metric in prose. */
    static String words(String metric) {
        return switch (metric) {
            case Metrics.TRUST_CALIBRATION -> "trust calibration";
            case Metrics.OVER_TRUST -> "over-trust";
            default -> metric;
        };
    }

    static String fixed(double value, int decimals) {
        String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
        return MINUS_ZERO.matcher(text).matches() ? text.substring(1) : text;
    }

    /** {@code 0.47±0.03}, {@code 0.47} without an interval, {@code -} without a mean. */
    static String plusMinus(Estimate e, String sign) {
        return e.mean() == null ? "-"
                : e.low() == null ? fixed(e.mean(), 2)
                : fixed(e.mean(), 2) + sign + fixed((e.high() - e.low()) / 2, 2);
    }

    /** {@code 47%}; one decimal below 10 %. */
    static String percent(double share) {
        double value = 100 * share;
        String text = fixed(value, Math.abs(value) < 9.95 ? 1 : 0);
        return (text.endsWith(".0") ? text.substring(0, text.length() - 2) : text) + "%";
    }

    /** {@code 22 points (18 to 26)}, of the size of a difference of probabilities. */
    static String points(Estimate difference) {
        int sign = difference.mean() < 0 ? -1 : 1;
        String mean = fixed(100 * Math.abs(difference.mean()), 0);
        String text = mean + (mean.equals("1") ? " point" : " points");
        if (difference.low() == null) {
            return text;
        }
        double low = 100 * (sign > 0 ? difference.low() : -difference.high());
        double high = 100 * (sign > 0 ? difference.high() : -difference.low());
        return text + " (" + fixed(low, 0) + " to " + fixed(high, 0) + ")";
    }

    static String p(double p) {
        return p < 0.001 ? "< 0.001" : "= " + fixed(p, 3);
    }

    static String seeds(int n) {
        return n == 1 ? "1 seed" : n + " seeds";
    }

    /** {@code 1,234,567}. */
    static String count(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    /** {@code 2.5 s}, {@code 3 min 20 s}, {@code 1 h 5 min}. */
    static String duration(double seconds) {
        if (seconds < 60) {
            return fixed(seconds, seconds < 10 ? 1 : 0) + " s";
        }
        long whole = Math.round(seconds);
        return whole < 3600
                ? whole / 60 + " min" + (whole % 60 == 0 ? "" : " " + whole % 60 + " s")
                : whole / 3600 + " h" + (whole / 60 % 60 == 0 ? "" : " " + whole / 60 % 60 + " min");
    }

    /** {@code a, b and c}. */
    static String list(List<String> words) {
        int n = words.size();
        return n < 2 ? String.join("", words) : String.join(", ", words.subList(0, n - 1)) + " and " + words.get(n - 1);
    }

    /** {@code trainPartner.helpful = 0.8, budget.responses = 200000}. */
    static String grid(Map<String, JsonNode> grid) {
        List<String> parts = new ArrayList<>();
        grid.forEach((path, value) -> parts.add(path + " = " + AlignedResults.value(value)));
        return String.join(", ", parts);
    }
}

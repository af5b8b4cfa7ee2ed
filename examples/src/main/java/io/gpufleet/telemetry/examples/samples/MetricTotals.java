package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.examples.terminal.Decimal;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/** Count, sum and extremes of the samples of a metric; the sum is that of their decimal forms. Not thread-safe. */
final class MetricTotals {
    private long count;
    private BigDecimal sum = BigDecimal.ZERO;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;

    void add(double value) {
        count++;
        sum = sum.add(Decimal.of(value));
        min = Math.min(min, value);
        max = Math.max(max, value);
    }

    /** Returns the figures by their names. */
    Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("count", count);
        figures.put("sum", Decimal.plain(sum));
        figures.put("min", Decimal.of(min));
        figures.put("max", Decimal.of(max));
        return figures;
    }
}

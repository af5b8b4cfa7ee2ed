package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.MetricKind;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** A function of the values of a metric. A gauge has other ones than a counter. */
public enum Aggregation {
    /** The smallest value. */
    MIN,
    /** The largest value. */
    MAX,
    /** The mean of the values; of a gauge. */
    AVG,
    /** The sum of the values; of a gauge. */
    SUM,
    /** The number of values. */
    COUNT,
    /** The newest value; of a gauge. */
    LAST,
    /**
     * The sum of the rises; of a counter. After a fall, the counter has restarted: the new value counts from 0. The
     * first value has no rise.
     */
    INCREASE,
    /** The increase in a second; of a counter. Of a single value there is none. */
    RATE;

    private static final Set<Aggregation> OF_GAUGES = EnumSet.of(MIN, MAX, AVG, SUM, COUNT, LAST);
    private static final Set<Aggregation> OF_COUNTERS = EnumSet.of(MIN, MAX, COUNT, INCREASE, RATE);

    /**
     * Returns the aggregation of a name.
     *
     * @param name the name in lower case
     * @return the aggregation
     * @throws InvalidQueryException if there is none
     */
    public static Aggregation named(String name) {
        return Arrays.stream(values())
                .filter(aggregation -> aggregation.text().equals(name))
                .findFirst()
                .orElseThrow(() -> new InvalidQueryException(
                        "aggregation",
                        "aggregation \"" + name + "\" is not known; allowed: "
                                + texts(EnumSet.allOf(Aggregation.class))));
    }

    /** Refuses an aggregation that says nothing of such a metric. */
    void requireOf(String metric, MetricKind kind) {
        Set<Aggregation> allowed = kind == MetricKind.COUNTER ? OF_COUNTERS : OF_GAUGES;
        if (allowed.contains(this)) {
            return;
        }
        String isRate = metric + " is a rate, not a counter; use avg";
        String isOther = "aggregation " + text() + " is not allowed for the "
                + kind.name().toLowerCase(Locale.ROOT) + " " + metric + "; allowed: " + texts(allowed);
        throw new InvalidQueryException("aggregation", isRate(metric, kind) ? isRate : isOther);
    }

    /** The metrics of profiling that end in bytes are bytes a second. */
    private static boolean isRate(String metric, MetricKind kind) {
        return kind == MetricKind.GAUGE && metric.startsWith("DCGM_FI_PROF_") && metric.endsWith("_BYTES");
    }

    /** Returns the name, in lower case. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static String texts(Set<Aggregation> aggregations) {
        return aggregations.stream().map(Aggregation::text).collect(Collectors.joining(", "));
    }
}

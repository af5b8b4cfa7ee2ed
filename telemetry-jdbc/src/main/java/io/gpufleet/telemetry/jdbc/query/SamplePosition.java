package io.gpufleet.telemetry.jdbc.query;

import java.time.Instant;
import java.util.Comparator;

/**
 * The place of a sample of a GPU in the order of samples. Immutable.
 *
 * @param time its time
 * @param metric the number of its metric
 * @param series the number of its series, signed
 */
record SamplePosition(Instant time, int metric, long series) {
    /** The oldest first. */
    static final Comparator<SamplePosition> ORDER = Comparator.comparing(SamplePosition::time)
            .thenComparingInt(SamplePosition::metric)
            .thenComparingLong(SamplePosition::series);
}

package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.GpuSubject;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row of a scrape, before it is written in some form.
 *
 * @param metric its metric
 * @param subject its subject
 * @param time the time of the reading, where the form carries it
 * @param value the reading: a whole number, or millionths
 * @param attributes the labels that only this row has
 * @param fault its fault, null for none
 * @param noise chooses among the kinds of a fault
 */
record SampleRow(
        SimulatedMetric metric,
        SampleSubject subject,
        Instant time,
        long value,
        Map<String, String> attributes,
        @Nullable SampleFault fault,
        long noise) {
    private static final double MILLIONTHS = 1e6;

    /** Returns the number that a decoder reads. */
    double number() {
        return metric.isDecimal() ? value / MILLIONTHS : value;
    }

    /** Returns whether the row is one of several series of its metric and subject. */
    boolean isSeries() {
        return attributes.keySet().stream().anyMatch(GpuSubject::isDiscriminator);
    }

    boolean hasFault(SampleFault asked) {
        return fault == asked;
    }
}

package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.gpu.MetricKind;

/**
 * A metric that samples were stored of. Immutable.
 *
 * @param name its name before DCGM 4.6, or as it came if the catalogue does not know it
 * @param kind gauge or counter
 * @param unit the unit of the values; empty if unknown
 * @param samplesOfLastDay the number of samples of the last 24 hours; if 20 GPUs or more have the metric, that of 10 or
 *     more of them, evenly chosen, times their share
 */
public record StoredMetric(String name, MetricKind kind, String unit, long samplesOfLastDay) {
    /**
     * Checks the components.
     *
     * @param name as the component
     * @param kind as the component
     * @param unit as the component
     * @param samplesOfLastDay as the component
     */
    public StoredMetric {
        requireNonNull(name, "name");
        requireNonNull(kind, "kind");
        requireNonNull(unit, "unit");
    }
}

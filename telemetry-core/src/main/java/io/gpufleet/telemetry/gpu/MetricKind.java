package io.gpufleet.telemetry.gpu;

/** How the values of a metric belong together. */
public enum MetricKind {
    /** Each value stands for itself: a temperature, a rate, a share. */
    GAUGE,
    /** The values rise, until the counter restarts from 0. */
    COUNTER
}

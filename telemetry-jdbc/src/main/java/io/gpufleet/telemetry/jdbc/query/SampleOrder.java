package io.gpufleet.telemetry.jdbc.query;

/**
 * The order of samples: by time, then the number of the metric, then the series. Each order is the exact reverse of the
 * other one.
 */
public enum SampleOrder {
    /** The newest sample first; the default. */
    NEWEST,
    /** The oldest sample first. */
    OLDEST
}

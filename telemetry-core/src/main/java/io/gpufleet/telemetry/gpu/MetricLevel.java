package io.gpufleet.telemetry.gpu;

/** The part of a GPU that has a sensor of its own for a metric. */
enum MetricLevel {
    /** The whole GPU: under MIG, all instances repeat the same reading. */
    DEVICE,
    /** Each MIG instance. */
    INSTANCE
}

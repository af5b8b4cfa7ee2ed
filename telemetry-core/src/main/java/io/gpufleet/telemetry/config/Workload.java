package io.gpufleet.telemetry.config;

/** What a service does with a record most of the time; see {@link ConsumerProfile#derive}. */
public enum Workload {
    /** Computes on a GPU. */
    GPU,
    /** Computes on the CPU. */
    CPU,
    /** Waits for other services. */
    NETWORK,
    /** None of these. */
    OTHER
}

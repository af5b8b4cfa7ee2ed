package io.gpufleet.telemetry.config;

/** The main work of a service with a record; see {@link ConsumerProfile#derive}. */
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

package io.gpufleet.telemetry.jdbc.query;

/** What an answer about energy names: the GPUs, or where they were, or whose. */
public enum EnergyGroup {
    /** The UUID of a GPU. */
    GPU,
    /** A host. */
    HOST,
    /** The namespace of workloads. */
    NAMESPACE,
    /** A pod, as {@code namespace/pod}. */
    POD
}

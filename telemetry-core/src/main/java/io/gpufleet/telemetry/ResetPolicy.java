package io.gpufleet.telemetry;

/** Where a partition starts when there is no position for its log, or the position's records are gone. */
public enum ResetPolicy {
    /** At the log's beginning: nothing that the log still holds is skipped. */
    EARLIEST,
    /** At the log's end: what it holds is skipped, and the skip is recorded as a {@link Gap}. */
    LATEST,
    /** Nowhere: the consumer stops with an error that names the partition. */
    NONE
}

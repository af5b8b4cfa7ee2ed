package io.gpufleet.telemetry;

/** The start of a partition without a position for its log, or with a position whose records are gone. */
public enum ResetPolicy {
    /** At the log's beginning: no record of the log is skipped. */
    EARLIEST,
    /** At the log's end: its records are skipped, and the skip is recorded as a {@link Gap}. */
    LATEST,
    /** Nowhere: the consumer stops with an error that names the partition. */
    NONE
}

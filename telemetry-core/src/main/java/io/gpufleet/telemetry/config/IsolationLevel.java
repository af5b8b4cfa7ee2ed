package io.gpufleet.telemetry.config;

/** The reading of records of open or aborted transactions; see Kafka's {@code isolation.level}. */
public enum IsolationLevel {
    /** All records. */
    READ_UNCOMMITTED,
    /** Only committed records. */
    READ_COMMITTED;

    /**
     * Returns the name used in the row.
     *
     * @return {@code read_uncommitted} or {@code read_committed}
     */
    public String text() {
        return RowText.of(this);
    }
}

package io.gpufleet.telemetry.config;

/** The reading of records of open or aborted transactions; see Kafka's {@code isolation.level}. */
public enum IsolationLevel {
    /** Everything. */
    READ_UNCOMMITTED,
    /** Only what was committed. */
    READ_COMMITTED;

    /**
     * Returns the name as the row has it.
     *
     * @return {@code read_uncommitted} or {@code read_committed}
     */
    public String text() {
        return RowText.of(this);
    }
}

package io.gpufleet.telemetry.config;

/** What a client reads of transactions that are open or were aborted; see Kafka's {@code isolation.level}. */
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

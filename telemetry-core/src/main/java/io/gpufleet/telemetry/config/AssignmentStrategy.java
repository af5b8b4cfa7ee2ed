package io.gpufleet.telemetry.config;

/** The way a group shares out partitions among its members; see Kafka's {@code partition.assignment.strategy}. */
public enum AssignmentStrategy {
    /** Neighbouring partitions of each topic to one member. */
    RANGE,
    /** One partition after the other, in turn. */
    ROUNDROBIN,
    /** Balanced, and members keep what they have; the whole group stops while it changes. */
    STICKY,
    /** As {@link #STICKY}, and only partitions that move stop. */
    COOPERATIVE_STICKY;

    /**
     * Returns the name as the row has it.
     *
     * @return for example {@code cooperative-sticky}
     */
    public String text() {
        return RowText.of(this);
    }
}

package io.gpufleet.telemetry.config;

/** The way in which a group assigns partitions to its members; see Kafka's {@code partition.assignment.strategy}. */
public enum AssignmentStrategy {
    /** Neighbouring partitions of each topic to one member. */
    RANGE,
    /** One partition after the other, in turn. */
    ROUNDROBIN,
    /** Balanced, and members keep their partitions; the whole group pauses during a rebalance. */
    STICKY,
    /** As {@link #STICKY}, but only the partitions that move pause. */
    COOPERATIVE_STICKY;

    /**
     * Returns the name used in the row.
     *
     * @return for example {@code cooperative-sticky}
     */
    public String text() {
        return RowText.of(this);
    }
}

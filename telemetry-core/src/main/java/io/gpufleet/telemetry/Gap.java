package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

/**
 * A move of a position without consuming: the records between the two places were never applied, or their log is gone.
 * Immutable.
 *
 * @param reason the reason for the move
 * @param from the place before the move; for {@link Reason#START} and {@link Reason#ADOPTED} the log's beginning
 * @param to the place after the move; behind a truncation it is not larger than {@code from}
 */
public record Gap(Reason reason, Position from, Position to) {

    /** The reason for a gap. */
    public enum Reason {
        /** The first start was chosen past the log's beginning. */
        START,
        /** The first start takes the offset committed by another consumer of the group. */
        ADOPTED,
        /** Retention or an operator deleted the records before they were consumed. */
        EXPIRED,
        /** The log ends before the position: it was truncated. */
        TRUNCATED,
        /** The topic was recreated. */
        TOPIC_REPLACED,
        /** The group continues in another cluster, by time. */
        CLUSTER_MOVED,
        /** An operator set the position past records that were not consumed. */
        RESET
    }

    /**
     * Checks the components.
     *
     * @param reason as the component
     * @param from as the component
     * @param to as the component
     */
    public Gap {
        requireNonNull(reason, "reason");
        requireNonNull(from, "from");
        requireNonNull(to, "to");
    }
}

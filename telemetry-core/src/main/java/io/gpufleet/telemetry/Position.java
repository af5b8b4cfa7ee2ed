package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/**
 * Where a group stands in one partition of one log: everything before {@code nextOffset} is durable. Immutable.
 *
 * @param topicId the id of the log
 * @param nextOffset the next offset to consume, 0 or more
 * @param leaderEpoch the leader epoch of the record before it, or -1 if it is not known
 */
public record Position(UUID topicId, long nextOffset, int leaderEpoch) {

    /**
     * Checks the components.
     *
     * @param topicId as the component
     * @param nextOffset as the component
     * @param leaderEpoch as the component
     */
    public Position {
        requireNonNull(topicId, "topicId");
        if (nextOffset < 0) {
            throw new IllegalArgumentException("nextOffset: " + nextOffset + " is not 0 or more");
        }
    }

    /**
     * Tells whether another position names the same place; the leader epoch is only a hint and does not count.
     *
     * @param other the other position
     * @return true if log and offset are the same
     */
    public boolean isSamePlaceAs(Position other) {
        return nextOffset == other.nextOffset && topicId.equals(other.topicId);
    }
}

package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

/**
 * The progress of a group in one partition of one log: everything before {@code nextOffset} is durable. Immutable.
 *
 * @param log the log
 * @param nextOffset the next offset to consume, 0 or more
 * @param leaderEpoch the leader epoch of the record before it, or -1 if it is not known
 */
public record Position(LogId log, long nextOffset, int leaderEpoch) {

    /**
     * Checks the components.
     *
     * @param log as the component
     * @param nextOffset as the component
     * @param leaderEpoch as the component
     */
    public Position {
        requireNonNull(log, "log");
        if (nextOffset < 0) {
            throw new IllegalArgumentException("nextOffset: " + nextOffset + " is not 0 or more");
        }
    }

    /**
     * Returns whether another position is the same place; the leader epoch is a hint and does not count.
     *
     * @param other the other position
     * @return true if log and offset are the same
     */
    public boolean isSamePlaceAs(Position other) {
        return nextOffset == other.nextOffset && log.equals(other.log);
    }
}

package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

/**
 * The offsets {@code [from, next)} of one partition of one log that a batch covers.
 *
 * <p>The range also covers offsets that hold no record for us (transaction markers, aborted or compacted records), so
 * it may be longer than the records in it, and {@code from} is the previous range's {@code next}, not the first
 * record's offset. Immutable.
 *
 * @param partition the partition
 * @param log the log: a recreated topic is another one
 * @param from the first offset covered
 * @param next the first offset behind the range, not less than {@code from}
 * @param leaderEpoch the leader epoch of the last record, or -1 if it is not known
 */
public record OffsetRange(SourcePartition partition, LogId log, long from, long next, int leaderEpoch) {

    /**
     * Checks the components.
     *
     * @param partition as the component
     * @param log as the component
     * @param from as the component
     * @param next as the component
     * @param leaderEpoch as the component
     */
    public OffsetRange {
        requireNonNull(partition, "partition");
        requireNonNull(log, "log");
        if (from < 0 || next < from) {
            throw new IllegalArgumentException(partition + ": [" + from + ", " + next + ") is not a range of offsets");
        }
    }

    /**
     * Returns the position that this range moves the partition from.
     *
     * @return the log and {@code from}
     */
    public Position start() {
        return new Position(log, from, -1);
    }

    /**
     * Returns the position that this range moves the partition to.
     *
     * @return the log, {@code next} and leader epoch
     */
    public Position end() {
        return new Position(log, next, leaderEpoch);
    }
}

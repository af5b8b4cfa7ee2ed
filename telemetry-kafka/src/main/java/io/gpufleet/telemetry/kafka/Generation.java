package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;

/**
 * One uninterrupted run of a partition through this consumer, from a known position on. An assignment, revocation,
 * loss, fence or move ends a generation; its buffered records are dropped instead of written.
 *
 * <p>Begun by the poll thread; ended by any thread, once and for all. Thread-safe.
 */
final class Generation {
    private final SourcePartition partition;
    private final LogId log;
    private volatile boolean stale;
    private volatile long writtenTo;

    Generation(SourcePartition partition, Position start) {
        this.partition = partition;
        this.log = start.log();
    }

    SourcePartition partition() {
        return partition;
    }

    /** Returns the generation's log. */
    LogId log() {
        return log;
    }

    /** Notes that the records below an offset are durable. Called by the lane of the partition. */
    void written(long next) {
        writtenTo = next;
    }

    /** Returns whether a record of this generation was written by it. */
    boolean isWritten(long offset) {
        return offset < writtenTo;
    }

    void end() {
        stale = true;
    }

    /** Returns whether records of this generation must not be written any more. */
    boolean isStale() {
        return stale;
    }
}

package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import java.util.UUID;

/**
 * One uninterrupted run of a partition through this consumer, from a known position on. Being assigned, revoked, lost,
 * fenced or moved ends a generation; whatever is still buffered of it is dropped instead of written.
 *
 * <p>Begun by the poll thread; ended by any thread, once and for all. Thread-safe.
 */
final class Generation {
    private final SourcePartition partition;
    private final UUID topicId;
    private volatile boolean stale;

    Generation(SourcePartition partition, Position start) {
        this.partition = partition;
        this.topicId = start.topicId();
    }

    SourcePartition partition() {
        return partition;
    }

    /** The log that the generation reads. */
    UUID topicId() {
        return topicId;
    }

    void end() {
        stale = true;
    }

    /** Tells whether records of this generation must not be written any more. */
    boolean isStale() {
        return stale;
    }
}

package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.internal.StateLock;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The gate of a lane around every transaction: it keeps records of ended generations out, and the poll thread can wait
 * at it for the transaction in flight when a partition is revoked. Thread-safe.
 */
final class LaneGate {
    private final StateLock lock = new StateLock();
    private Set<SourcePartition> writing = Set.of();

    /** Returns the part of a batch that may still be written, and marks it as being written. */
    <T> Batch<T> enter(Batch<T> batch, Map<SourcePartition, Generation> generations) {
        return lock.get(() -> {
            Set<SourcePartition> stale = generations.values().stream()
                    .filter(Generation::isStale)
                    .map(Generation::partition)
                    .collect(Collectors.toSet());
            Batch<T> current = stale.isEmpty() ? batch : batch.without(stale);
            writing = current.ranges().stream().map(OffsetRange::partition).collect(Collectors.toSet());
            return current;
        });
    }

    void leave() {
        lock.change(() -> writing = Set.of());
    }

    /** Waits until no transaction holds one of the partitions, at most for the limit. */
    boolean awaitIdle(Set<SourcePartition> partitions, Duration limit) throws InterruptedException {
        return lock.await(() -> Collections.disjoint(writing, partitions), limit.toNanos());
    }
}

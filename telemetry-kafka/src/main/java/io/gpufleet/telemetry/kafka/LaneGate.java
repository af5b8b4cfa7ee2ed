package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.SourcePartition;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * The gate of a lane around every transaction: it keeps records of ended generations out, and the poll thread can wait
 * at it for the transaction in flight when a partition is revoked. Thread-safe.
 */
final class LaneGate {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    private Set<SourcePartition> writing = Set.of();

    /** Returns what may still be written of a batch, and marks it as being written. */
    <T> Batch<T> enter(Batch<T> batch, Map<SourcePartition, Generation> generations) {
        lock.lock();
        try {
            Set<SourcePartition> stale = generations.values().stream()
                    .filter(Generation::isStale)
                    .map(Generation::partition)
                    .collect(Collectors.toSet());
            Batch<T> current = stale.isEmpty() ? batch : batch.without(stale);
            writing = current.ranges().stream().map(OffsetRange::partition).collect(Collectors.toSet());
            return current;
        } finally {
            lock.unlock();
        }
    }

    void leave() {
        lock.lock();
        try {
            writing = Set.of();
            left.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no transaction holds one of the partitions, at most for the limit. */
    boolean awaitIdle(Set<SourcePartition> partitions, Duration limit) throws InterruptedException {
        long nanos = limit.toNanos();
        lock.lock();
        try {
            while (!Collections.disjoint(writing, partitions)) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = left.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}

package io.gpufleet.telemetry.kafka;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The budget of polled records that are not durable yet, in records and in the bytes that they hold. Every lane has an
 * equal share of the limit, so that a lane that stands still cannot starve the others. Thread-safe; only the poll
 * thread takes from it.
 */
final class BufferBudget {
    private static final long USUAL = 128L << 20;

    /** The rest is for decoded values, for records that Kafka's client has fetched ahead, and for the host. */
    private static final int PART_OF_HEAP = 8;

    private final long share;
    private final AtomicLongArray usedByLane;
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong records = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();

    BufferBudget(long limit, int lanes) {
        this.share = Math.max(1, limit / lanes);
        this.usedByLane = new AtomicLongArray(lanes);
    }

    /** Returns the default limit of a consumer, by the JVM's largest heap. */
    static long usual(long largestHeap) {
        return Math.min(USUAL, largestHeap / PART_OF_HEAP);
    }

    void take(int lane, int recordCount, long held) {
        usedByLane.addAndGet(lane, held);
        records.addAndGet(recordCount);
        long now = used.addAndGet(held);
        peak.accumulateAndGet(now, Math::max);
    }

    void release(int lane, int recordCount, long held) {
        usedByLane.addAndGet(lane, -held);
        records.addAndGet(-recordCount);
        used.addAndGet(-held);
    }

    /** Returns the bytes that one lane may hold. */
    long share() {
        return share;
    }

    long usedBy(int lane) {
        return usedByLane.get(lane);
    }

    long used() {
        return used.get();
    }

    long peak() {
        return peak.get();
    }

    /** Returns the records buffered or being written. */
    long records() {
        return records.get();
    }
}

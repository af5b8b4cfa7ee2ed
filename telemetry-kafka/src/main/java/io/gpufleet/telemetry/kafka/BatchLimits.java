package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.BatchPolicy;
import java.time.Duration;

/**
 * The limits of a batch: the policy, and the lane's share of the buffer. Immutable.
 *
 * @param policy the host's policy
 * @param mostHeld the most bytes of the {@link BufferBudget} that a batch takes, unless it is a single record
 */
record BatchLimits(BatchPolicy policy, long mostHeld) {

    private static final int MOST_RECORDS = 1_000_000;

    /**
     * Returns the limits within a share. A batch that fills half of it is written: the lane would take no more and only
     * wait.
     */
    static BatchLimits within(BatchPolicy policy, long share) {
        return new BatchLimits(policy, Math.max(1, share / 2));
    }

    /**
     * Returns the limits of a batch that may grow to twice its size, and is retried as soon as no more records are at
     * hand.
     */
    static BatchLimits twice(PendingBatch<?> batch) {
        BatchPolicy policy = BatchPolicy.builder()
                .maxRecords(twice(batch.records()))
                .maxValues(twice(batch.values()))
                .maxBytes(Math.max(1, 2 * batch.bytes()))
                .linger(Duration.ZERO)
                .build();
        return new BatchLimits(policy, Math.max(1, 2 * batch.held()));
    }

    private static int twice(int count) {
        return Math.min(Math.max(1, 2 * count), MOST_RECORDS);
    }

    /** Returns whether another record fits into a batch that is not empty. */
    boolean haveRoomFor(RecordSize size, PendingBatch<?> batch) {
        return batch.bytes() + size.bytes() <= policy.maxBytes() && batch.held() + size.held() <= mostHeld;
    }

    boolean areReachedBy(PendingBatch<?> batch) {
        return batch.records() >= policy.maxRecords()
                || batch.values() >= policy.maxValues()
                || batch.bytes() >= policy.maxBytes()
                || batch.held() >= mostHeld;
    }
}

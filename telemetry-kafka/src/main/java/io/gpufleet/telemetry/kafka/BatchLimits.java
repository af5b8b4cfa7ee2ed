package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.BatchPolicy;

/**
 * When a batch is written: by its policy, or when it holds as much as its lane can wait for. Immutable.
 *
 * @param policy what the host wants
 * @param mostHeld the most that a batch takes of the {@link BufferBudget}, unless it is a single record
 */
record BatchLimits(BatchPolicy policy, long mostHeld) {

    /** A batch that fills half of the lane's share is written: the lane takes no more then, and would only wait. */
    static BatchLimits within(BatchPolicy policy, long share) {
        return new BatchLimits(policy, Math.max(1, share / 2));
    }

    /** Tells whether another record fits into a batch that has some. */
    boolean haveRoomFor(RecordSize size, PendingBatch<?> batch) {
        return batch.bytes() + size.bytes() <= policy.maxBytes() && batch.held() + size.held() <= mostHeld;
    }

    boolean areReachedBy(PendingBatch<?> batch) {
        return batch.records() >= policy.maxRecords() || batch.bytes() >= policy.maxBytes() || batch.held() >= mostHeld;
    }
}

package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.TelemetryEvent.BatchWritten;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalDouble;

/**
 * A row of {@code consumer_processing_metrics}: one batch, or all of one second. Immutable.
 *
 * @param nanos the time of the first write, by {@link System#nanoTime()}
 * @param at the same time by the clock, whose second the sample covers
 * @param batches the number of batches
 * @param processed their stored records
 * @param failed their dead letters
 * @param time the total time of their writes
 * @param rejected their refused values, in dead letters or counted only
 * @param repeated those of them that are counted only
 */
record ProcessingSample(
        long nanos, Instant at, int batches, long processed, long failed, Duration time, long rejected, long repeated) {
    private static final double NANOS_A_SECOND = 1e9;

    static ProcessingSample of(long nanos, Instant at, BatchWritten batch) {
        return new ProcessingSample(nanos, at, 1, stored(batch), failed(batch), batch.duration(), 0, 0);
    }

    ProcessingSample plus(BatchWritten batch) {
        return new ProcessingSample(
                nanos,
                at,
                batches + 1,
                processed + stored(batch),
                failed + failed(batch),
                time.plus(batch.duration()),
                rejected,
                repeated);
    }

    ProcessingSample plusRefused(long more, long moreRepeated) {
        return new ProcessingSample(
                nanos, at, batches, processed, failed, time, rejected + more, repeated + moreRepeated);
    }

    /** Returns the number of stored records; a record with some refused values counts as a dead letter. */
    private static int stored(BatchWritten batch) {
        return Math.max(0, batch.records() - failed(batch));
    }

    /** Returns the number of records with a dead letter, or with nothing but values that are counted only. */
    private static int failed(BatchWritten batch) {
        return batch.deadLetters() + batch.countedOnly();
    }

    boolean isOfTheSecondOf(Instant other) {
        return at.getEpochSecond() == other.getEpochSecond();
    }

    /** Returns the mean records of a batch. */
    int batchSize() {
        return (int) Math.round((double) (processed + failed) / batches);
    }

    /** Returns the mean time of a batch. */
    long millis() {
        return Math.round((double) time.toMillis() / batches);
    }

    /** Returns the records for each second of writing; absent if no time was measured. */
    OptionalDouble recordsPerSecond() {
        return time.isZero()
                ? OptionalDouble.empty()
                : OptionalDouble.of((processed + failed) * NANOS_A_SECOND / time.toNanos());
    }
}

package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.TelemetryEvent.BatchWritten;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalDouble;

/**
 * A row of {@code consumer_processing_metrics}: one batch, or all of one second. Immutable.
 *
 * @param nanos when the first was written, by {@link System#nanoTime()}
 * @param at when that was by the clock, whose second it is the sample of
 * @param batches how many batches
 * @param processed their values
 * @param failed their dead letters
 * @param time how long writing them took, in all
 */
record ProcessingSample(long nanos, Instant at, int batches, long processed, long failed, Duration time) {
    private static final double NANOS_A_SECOND = 1e9;

    static ProcessingSample of(long nanos, Instant at, BatchWritten batch) {
        return new ProcessingSample(nanos, at, 1, stored(batch), batch.deadLetters(), batch.duration());
    }

    ProcessingSample plus(BatchWritten batch) {
        return new ProcessingSample(
                nanos,
                at,
                batches + 1,
                processed + stored(batch),
                failed + batch.deadLetters(),
                time.plus(batch.duration()));
    }

    /** A record of which some values are refused counts as a dead letter. */
    private static int stored(BatchWritten batch) {
        return Math.max(0, batch.records() - batch.deadLetters());
    }

    boolean isOfTheSecondOf(Instant other) {
        return at.getEpochSecond() == other.getEpochSecond();
    }

    /** Mean records of a batch. */
    int batchSize() {
        return (int) Math.round((double) (processed + failed) / batches);
    }

    /** Mean time of a batch. */
    long millis() {
        return Math.round((double) time.toMillis() / batches);
    }

    /** Records for each second of writing; absent if it took no time that was measured. */
    OptionalDouble recordsPerSecond() {
        return time.isZero()
                ? OptionalDouble.empty()
                : OptionalDouble.of((processed + failed) * NANOS_A_SECOND / time.toNanos());
    }
}

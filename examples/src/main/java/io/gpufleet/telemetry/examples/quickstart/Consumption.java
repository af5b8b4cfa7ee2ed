package io.gpufleet.telemetry.examples.quickstart;

import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.ConsumerSnapshot;
import io.gpufleet.telemetry.kafka.ConsumerSnapshot.PartitionProgress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits until a consumer has made all records durable, with a line of progress a second. Not thread-safe. */
final class Consumption {
    private static final long LOOK_MILLIS = 100;
    private static final Duration STANDSTILL = Duration.ofSeconds(30);

    private final BatchingConsumer consumer;
    private final long records;
    private final ProgressLines lines;
    private long durable;
    private long progressNanos;

    /**
     * Creates the wait.
     *
     * @param consumer a consumer that has just been started
     * @param records the number of records that it should consume
     * @param values the plural of what a record holds
     * @param out the output of the progress
     */
    Consumption(BatchingConsumer consumer, long records, String values, PrintStream out) {
        this.consumer = consumer;
        this.records = records;
        this.progressNanos = System.nanoTime();
        this.lines = new ProgressLines(out, values, progressNanos);
    }

    /**
     * Waits until all records are durable.
     *
     * @throws ExecutionException if the consumer has failed
     * @throws IllegalStateException if nothing became durable for 30 seconds, or the consumer was closed
     * @throws InterruptedException if the thread was interrupted
     */
    void await() throws ExecutionException, InterruptedException {
        while (!isComplete(consumer.snapshot(), System.nanoTime())) {
            if (ended()) {
                throw new IllegalStateException("Consumer was closed at " + consumer.snapshot());
            }
        }
    }

    private boolean isComplete(ConsumerSnapshot snapshot, long now) {
        long durableNow =
                snapshot.counts().deliveriesWritten() + snapshot.counts().deadLetters();
        if (durableNow > durable) {
            durable = durableNow;
            progressNanos = now;
        } else if (now - progressNanos > STANDSTILL.toNanos()) {
            throw new IllegalStateException("Nothing was stored for " + STANDSTILL.toSeconds() + " seconds, " + durable
                    + " of " + records + " records are: " + consumer.health());
        }
        boolean complete = durableRecords(snapshot) >= records;
        if (complete || lines.secondsSinceLine(now) >= 1) {
            lines.print(now, snapshot, consumer.health());
        }
        return complete;
    }

    /** Returns the records before the stored positions, of topics that were empty; a record may hold many values. */
    private static long durableRecords(ConsumerSnapshot snapshot) {
        return snapshot.partitions().values().stream()
                .mapToLong(PartitionProgress::durableOffset)
                .sum();
    }

    private boolean ended() throws ExecutionException, InterruptedException {
        try {
            consumer.termination().get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }
}

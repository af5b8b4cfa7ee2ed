package io.gpufleet.telemetry.kafka.producer;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.Waits;
import io.gpufleet.telemetry.kafka.internal.FailureText;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The records of a publisher on their way: a future for each, and the number of those without an outcome. Thread-safe.
 */
final class RecordSender {
    static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

    private static final Instant LATEST = Instant.ofEpochMilli(Long.MAX_VALUE);

    private final RecordOutbox producer;
    private final AtomicLong pending = new AtomicLong();

    RecordSender(RecordOutbox producer) {
        this.producer = producer;
    }

    /** Returns a time as Kafka counts it; refuses one that no timestamp holds. */
    static long millis(Instant time) {
        if (requireNonNull(time, "time").isBefore(Instant.EPOCH)) {
            throw new IllegalArgumentException("time: " + time + " is before 1970");
        }
        if (time.isAfter(LATEST)) {
            throw new IllegalArgumentException(
                    "time: " + time + " is after " + LATEST + ", the last that Kafka counts");
        }
        return time.toEpochMilli();
    }

    /**
     * Sends a record.
     *
     * @param subject the record in the error of one that was not sent
     * @return completes when it is acknowledged; fails with a {@link TelemetryException}
     */
    CompletableFuture<Void> send(ProducerRecord<byte[], byte[]> message, String subject) {
        CompletableFuture<Void> acknowledged = new CompletableFuture<>();
        pending.incrementAndGet();
        // The host may complete its future itself, which then does not hold the broker's reply.
        AtomicBoolean settled = new AtomicBoolean();
        Callback settle = (metadata, failure) -> {
            if (settled.compareAndSet(false, true)) {
                pending.decrementAndGet();
                if (failure == null) {
                    acknowledged.complete(null);
                } else {
                    acknowledged.completeExceptionally(failure(subject, message.topic(), failure));
                }
            }
        };
        try {
            producer.send(message, settle);
        } catch (RuntimeException e) {
            settle.onCompletion(null, e);
        }
        return acknowledged;
    }

    private static TelemetryException failure(String subject, String topic, Exception cause) {
        return new TelemetryException(
                subject + " was not sent to " + topic + ": " + FailureText.ofSending(cause), cause);
    }

    /**
     * Sends buffered records and ends the producer's thread.
     *
     * @return the number of records that were not acknowledged; their futures have failed
     */
    long close(Duration limit) {
        long nanos = Waits.limit("limit", limit).toNanos();
        FutureTask<Void> flush = new FutureTask<>(producer::flush, null);
        Thread flushing = new Thread(flush, "telemetry-publisher-flush");
        flushing.setDaemon(true);
        flushing.start();
        try {
            flush.get(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // The remaining records are counted below.
        }
        long left = pending.get();
        producer.close(Duration.ZERO);
        return left;
    }
}

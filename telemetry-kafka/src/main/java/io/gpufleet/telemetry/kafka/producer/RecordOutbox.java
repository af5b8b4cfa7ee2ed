package io.gpufleet.telemetry.kafka.producer;

import io.gpufleet.telemetry.kafka.internal.ClientFactory;
import io.gpufleet.telemetry.kafka.internal.Refusal;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * An outbox of records, with a second attempt. A broker refuses a whole request for one bad record in it; the good
 * records of that request are sent again by a second producer, since in the first they might share a request with the
 * next bad record. The first of them starts the second producer and its thread, {@code telemetry-publisher-again}.
 * Thread-safe.
 */
final class RecordOutbox {
    private static final int MOST_WAITING = 100_000;
    private static final long IDLE_SECONDS = 10;

    private final PatientProducer first;
    private final Supplier<PatientProducer> another;
    private final ThreadPoolExecutor again;
    private final Object lock = new Object();
    private @Nullable PatientProducer second;
    private boolean closed;

    /**
     * Creates an outbox.
     *
     * @param another starts a second producer with the same settings
     */
    RecordOutbox(PatientProducer first, Supplier<PatientProducer> another) {
        this.first = first;
        this.another = another;
        this.again = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MOST_WAITING), body -> {
                    Thread thread = new Thread(body, "telemetry-publisher-again");
                    thread.setDaemon(true);
                    return thread;
                });
        again.allowCoreThreadTimeOut(true);
    }

    /** Starts the first producer; throws a {@code TelemetryException} if the client cannot be built. */
    static RecordOutbox start(String bootstrapServers, Map<String, Object> properties) {
        Supplier<PatientProducer> start =
                () -> ClientFactory.client(bootstrapServers, () -> PatientProducer.start(properties));
        return new RecordOutbox(start.get(), start);
    }

    /** Sends a record. */
    void send(ProducerRecord<byte[], byte[]> message, Callback outcome) {
        first.send(message, (metadata, failure) -> {
            if (failure == null || !Refusal.isOfNeighbour(failure) || !sendAgain(message, outcome, failure)) {
                outcome.onCompletion(metadata, failure);
            }
        });
    }

    /** Leaves a record to the resending thread; the reporting thread must not wait for room. */
    private boolean sendAgain(ProducerRecord<byte[], byte[]> message, Callback outcome, Exception refusal) {
        synchronized (lock) {
            if (closed) {
                return false;
            }
        }
        try {
            again.execute(() -> hand(message, outcome, refusal));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private void hand(ProducerRecord<byte[], byte[]> message, Callback outcome, Exception refusal) {
        try {
            PatientProducer producer = second();
            if (producer == null) {
                outcome.onCompletion(null, refusal);
            } else {
                producer.send(message, outcome);
            }
        } catch (RuntimeException e) {
            outcome.onCompletion(null, e);
        }
    }

    /** Returns the producer for records that are sent again; null once the outbox is closed. */
    private @Nullable PatientProducer second() {
        synchronized (lock) {
            if (second == null && !closed) {
                second = another.get();
            }
            return second;
        }
    }

    /** Waits until the outcome of every record is known. */
    void flush() {
        first.flush();
        if (again.getLargestPoolSize() > 0) {
            awaitHanded(again);
        }
        PatientProducer used;
        synchronized (lock) {
            used = second;
        }
        if (used != null) {
            used.flush();
        }
    }

    /** Waits for the queued records; those refused in the first producer were queued before its flush returned. */
    private static void awaitHanded(ExecutorService again) {
        try {
            again.submit(() -> {}).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | RejectedExecutionException e) {
            // Closed meanwhile: nothing to wait for.
        }
    }

    /** Ends the producers and the thread; records not sent by then fail. */
    void close(Duration limit) {
        PatientProducer used;
        synchronized (lock) {
            closed = true;
            used = second;
        }
        first.close(limit);
        if (used != null) {
            used.close(limit);
        }
        again.shutdown();
    }
}

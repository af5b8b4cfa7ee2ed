package io.gpufleet.telemetry.kafka.producer;

import io.gpufleet.telemetry.kafka.internal.Refusal;
import java.time.Duration;
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
 * Sends records, and sends again what a broker refused only for another record of its request. They go through a second
 * producer, where none but they are: in the first one they might meet the next record that is refused. It is started,
 * with a thread {@code telemetry-publisher-again} that fills it, when it is needed first. Thread-safe.
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
     * @param another starts a further producer with the same settings
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

    /** Sends a record. */
    void send(ProducerRecord<byte[], byte[]> message, Callback outcome) {
        first.send(message, (metadata, failure) -> {
            if (failure == null || !Refusal.isOfNeighbour(failure) || !sendAgain(message, outcome, failure)) {
                outcome.onCompletion(metadata, failure);
            }
        });
    }

    /** Leaves a record to the resending thread; the reporting one must not wait for room. */
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

    /** The producer for what is sent again; null once this is closed. */
    private @Nullable PatientProducer second() {
        synchronized (lock) {
            if (second == null && !closed) {
                second = another.get();
            }
            return second;
        }
    }

    /** Waits until it is known of all records what became of them. */
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

    /** What was refused in the first producer was queued before its flush returned. */
    private static void awaitHanded(ExecutorService again) {
        try {
            again.submit(() -> {}).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | RejectedExecutionException e) {
            // Closed meanwhile: there is nothing to wait for.
        }
    }

    /** Ends the producers and the thread; what is not sent by then fails. */
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

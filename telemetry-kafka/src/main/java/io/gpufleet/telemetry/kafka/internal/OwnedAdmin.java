package io.gpufleet.telemetry.kafka.internal;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin.ClusterException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.DisconnectException;
import org.jspecify.annotations.Nullable;

/**
 * An admin client that is replaced by a new one, which starts from the addresses of the settings: on request, and after
 * a long time without an answer, because all brokers may have other addresses by then. Thread-safe.
 */
final class OwnedAdmin {
    /** Long, because every client logs its settings when it is created. */
    private static final long LONGEST_SILENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final Supplier<Admin> clients;
    private final LongSupplier nanoTime;
    private @Nullable Admin admin;
    private long answeredAtNanos;
    private boolean closed;

    /**
     * Creates a client.
     *
     * @param clients the factory of the client and its replacements
     */
    OwnedAdmin(Supplier<Admin> clients, LongSupplier nanoTime) {
        this.clients = clients;
        this.nanoTime = nanoTime;
        this.admin = clients.get();
        this.answeredAtNanos = nanoTime.getAsLong();
    }

    synchronized Admin get() {
        Admin current = admin;
        if (current == null) {
            current = another();
            admin = current;
            answeredAtNanos = nanoTime.getAsLong();
        }
        return current;
    }

    private Admin another() {
        if (closed) {
            throw new ClusterException(
                    "Cannot ask the cluster: the admin client was closed", new DisconnectException());
        }
        try {
            return clients.get();
        } catch (TelemetryException e) {
            throw new ClusterException("Cannot ask the cluster: " + e.getMessage(), new DisconnectException(e));
        }
    }

    /** Notes the outcome of a question. */
    synchronized void asked(boolean answered) {
        long now = nanoTime.getAsLong();
        if (answered) {
            answeredAtNanos = now;
        } else if (now - answeredAtNanos >= LONGEST_SILENCE_NANOS) {
            release();
        }
    }

    /** Replaces the client before the next question; pending questions fail at once. */
    synchronized void release() {
        if (admin != null) {
            admin.close(Duration.ZERO);
            admin = null;
        }
    }

    /** Ends the client; no other is created. */
    synchronized void close() {
        closed = true;
        release();
    }
}

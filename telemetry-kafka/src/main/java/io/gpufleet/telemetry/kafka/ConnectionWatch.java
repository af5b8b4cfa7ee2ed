package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.kafka.internal.Reconnects;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.Metric;
import org.jspecify.annotations.Nullable;

/**
 * The detection of a Kafka client that reaches no broker while others do: all brokers have new addresses, and the
 * client tries the old ones. Owned by the poll thread, but for {@link #withoutConnection}.
 */
final class ConnectionWatch {
    /** Longer than a client waits before a retry. */
    private static final Duration LIMIT = Duration.ofMillis(2L * Reconnects.LONGEST_BACKOFF_MILLIS);

    private final LongSupplier nanoTime;
    private final @Nullable Metric connections;
    private long connectedAtNanos;
    private long aloneSinceNanos;
    private volatile long withoutConnectionNanos;

    ConnectionWatch(Consumer<?, ?> client, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.connections = client.metrics().entrySet().stream()
                .filter(entry -> entry.getKey().name().equals("connection-count")
                        && entry.getKey().group().equals("consumer-metrics"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
        this.connectedAtNanos = nanoTime.getAsLong();
        this.aloneSinceNanos = connectedAtNanos;
    }

    /**
     * Evaluates a poll; returns whether the client has been alone for a long time.
     *
     * @param clusterAnswers true if the cluster answers questions asked after a time
     */
    boolean polled(LongPredicate clusterAnswers) {
        long now = nanoTime.getAsLong();
        if (isConnected()) {
            connectedAtNanos = now;
        }
        withoutConnectionNanos = now - connectedAtNanos;
        if (connectedAtNanos == now || !clusterAnswers.test(connectedAtNanos)) {
            aloneSinceNanos = now;
        }
        return now - aloneSinceNanos >= LIMIT.toNanos();
    }

    /**
     * Returns the time for which the client had no connection to any broker, as of the last poll. Called by any thread.
     */
    Duration withoutConnection() {
        return Duration.ofNanos(withoutConnectionNanos);
    }

    private boolean isConnected() {
        return connections == null || ((Number) connections.metricValue()).doubleValue() > 0;
    }
}

package io.gpufleet.telemetry.kafka.internal;

import io.gpufleet.telemetry.TelemetryListener;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;

/**
 * A listener with access to the Kafka client of a consumer, one at a time. Its methods are protected, so that a public
 * listener does not expose them to hosts; the engine calls them through the static ones. Called by the thread that
 * creates the client.
 */
public abstract class ClientObserver implements TelemetryListener {

    /** Called by the constructors of listeners. */
    protected ClientObserver() {}

    /** Tells an observer that a client was created. */
    public static void open(ClientObserver observer, Consumer<?, ?> client, LongSupplier bufferedBytes) {
        observer.opened(client, bufferedBytes);
    }

    /** Tells an observer that a client is about to be closed. */
    public static void close(ClientObserver observer, Consumer<?, ?> client) {
        observer.closed(client);
    }

    /**
     * Observes a client that was created.
     *
     * @param client the client, of which only the metrics may be read
     * @param bufferedBytes the buffered bytes of its consumer
     */
    protected abstract void opened(Consumer<?, ?> client, LongSupplier bufferedBytes);

    /**
     * Releases a client that is about to be closed.
     *
     * @param client an opened client
     */
    protected abstract void closed(Consumer<?, ?> client);
}

package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.TelemetryListener;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;

/**
 * A listener that also looks at the Kafka clients of a consumer, of which there is one at a time. Called by the thread
 * that makes them. A class, so that what it is shown is not public in a listener that is.
 */
abstract class ClientObserver implements TelemetryListener {

    /**
     * A client was made.
     *
     * @param client only its metrics may be asked for
     * @param bufferedBytes what its consumer holds
     */
    abstract void opened(Consumer<?, ?> client, LongSupplier bufferedBytes);

    /** The client is about to be closed. */
    abstract void closed(Consumer<?, ?> client);
}

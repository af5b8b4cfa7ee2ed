package io.gpufleet.telemetry.kafka;

import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;

/** Looks at the Kafka clients of a consumer, of which there is one at a time. Called by the thread that makes them. */
interface ClientObserver {

    /**
     * A client was made.
     *
     * @param client only its metrics may be asked for
     * @param bufferedBytes what its consumer holds
     */
    void opened(Consumer<?, ?> client, LongSupplier bufferedBytes);

    /** The client is about to be closed. */
    void closed(Consumer<?, ?> client);
}

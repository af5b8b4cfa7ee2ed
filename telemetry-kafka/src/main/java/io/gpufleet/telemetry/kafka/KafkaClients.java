package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.internal.Onlooker;
import io.gpufleet.telemetry.kafka.internal.ClientFactory;
import io.gpufleet.telemetry.kafka.internal.ClientObserver;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The factory of one consumer's Kafka clients, which shows them to observing listeners. Thread-safe. */
final class KafkaClients {
    private static final Logger log = LoggerFactory.getLogger(KafkaClients.class);

    private final Onlooker onlooker = new Onlooker(log, "Listener failed to observe the Kafka client");
    private final List<ClientObserver> observers;
    private final LongSupplier bufferedBytes;
    private final BiFunction<ClientProperties, ClientCluster, Consumer<byte[], byte[]>> consumers;

    KafkaClients(List<TelemetryListener> listeners, LongSupplier bufferedBytes) {
        this(
                listeners,
                bufferedBytes,
                (properties, cluster) ->
                        new KafkaConsumer<>(properties.consumer(), new ByteArrayDeserializer(), cluster));
    }

    /** Creates a factory that constructs consumers in another way. */
    KafkaClients(
            List<TelemetryListener> listeners,
            LongSupplier bufferedBytes,
            BiFunction<ClientProperties, ClientCluster, Consumer<byte[], byte[]>> consumers) {
        this.consumers = consumers;
        this.observers = listeners.stream()
                .filter(ClientObserver.class::isInstance)
                .map(ClientObserver.class::cast)
                .toList();
        this.bufferedBytes = bufferedBytes;
    }

    static Admin admin(ClientProperties properties) {
        return ClientFactory.client(properties.bootstrapServers(), () -> Admin.create(properties.admin()));
    }

    /** Returns a client for questions to chosen brokers. */
    static BrokerCalls brokers(ClientProperties properties) {
        return ClientFactory.client(properties.bootstrapServers(), () -> new BrokerCalls(properties.admin()));
    }

    /** Creates a polling client, which reports its cluster. */
    Consumer<byte[], byte[]> consumer(ClientProperties properties, ClientCluster cluster) {
        Consumer<byte[], byte[]> consumer =
                ClientFactory.client(properties.bootstrapServers(), () -> consumers.apply(properties, cluster));
        observers.forEach(observer -> onlooker.call(() -> ClientObserver.open(observer, consumer, bufferedBytes)));
        return consumer;
    }

    /** Tells observers that the client is closing. */
    void closing(Consumer<byte[], byte[]> consumer) {
        observers.forEach(observer -> onlooker.call(() -> ClientObserver.close(observer, consumer)));
    }
}

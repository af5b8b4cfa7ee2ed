package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.internal.Onlooker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the Kafka clients of one consumer, and shows them to those of the listeners that look at them. Thread-safe. */
final class KafkaClients {
    /** What reads the login configuration in Kafka, and says what is wrong in words only. */
    private static final Set<String> LOGIN_CONFIGURATION =
            Set.of("org.apache.kafka.common.security.JaasConfig", "org.apache.kafka.common.security.JaasContext");

    private static final Logger log = LoggerFactory.getLogger(BatchingConsumer.class);

    private final Onlooker onlooker = new Onlooker(log, "A listener could not look at the Kafka client");
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

    /** Makes consumers in another way. */
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
        return client(properties.bootstrapServers(), () -> Admin.create(properties.admin()));
    }

    /** A client for questions to chosen brokers. */
    static BrokerCalls brokers(ClientProperties properties) {
        return client(properties.bootstrapServers(), () -> new BrokerCalls(properties.admin()));
    }

    /** An admin client without a consumer; who names the servers wins over the overrides. */
    static Admin admin(String bootstrapServers, Map<String, ?> overrides) {
        Map<String, Object> properties = new HashMap<>(ClientSecrets.wrapped(overrides));
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        Reconnects.addToAdmin(properties);
        return client(bootstrapServers, () -> Admin.create(properties));
    }

    /** A polling client, which says to what cluster it belongs. */
    Consumer<byte[], byte[]> consumer(ClientProperties properties, ClientCluster cluster) {
        Consumer<byte[], byte[]> consumer =
                client(properties.bootstrapServers(), () -> consumers.apply(properties, cluster));
        observers.forEach(observer -> onlooker.call(() -> observer.opened(consumer, bufferedBytes)));
        return consumer;
    }

    /** Lets the observers look away. */
    void closing(Consumer<byte[], byte[]> consumer) {
        observers.forEach(observer -> onlooker.call(() -> observer.closed(consumer)));
    }

    /** Builds a client, whose own error hides what is wrong in its causes. */
    static <C> C client(String bootstrapServers, Supplier<C> construct) {
        try {
            return construct.get();
        } catch (KafkaException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            throw failure("The Kafka client of " + bootstrapServers + " cannot be built: ", e, cause);
        }
    }

    /** The login configuration of SASL holds a password, of which Kafka's own error may quote a piece. */
    private static TelemetryException failure(String what, KafkaException failure, Throwable cause) {
        if (isOfLoginConfiguration(cause)) {
            return new TelemetryException(what + "sasl.jaas.config is not of the form: class of the login module,"
                    + " required, name=\"value\" for each option, semicolon");
        }
        return new TelemetryException(what + cause.getMessage(), failure);
    }

    private static boolean isOfLoginConfiguration(Throwable cause) {
        StackTraceElement[] places = cause.getStackTrace();
        return places.length > 0 && LOGIN_CONFIGURATION.contains(places[0].getClassName());
    }
}

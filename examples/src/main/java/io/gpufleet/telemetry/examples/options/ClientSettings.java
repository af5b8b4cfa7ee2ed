package io.gpufleet.telemetry.examples.options;

import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/** The names of the settings of Kafka's clients, which themselves ignore any other. */
final class ClientSettings {
    private static final Set<String> NAMES = names();

    private ClientSettings() {}

    private static Set<String> names() {
        Set<String> names = new TreeSet<>(ConsumerConfig.configNames());
        names.addAll(ProducerConfig.configNames());
        names.addAll(AdminClientConfig.configNames());
        return names;
    }

    /**
     * Refuses the name of a setting that no client has.
     *
     * @throws IllegalArgumentException with the nearest name
     */
    static void requireKnown(String name) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException(KafkaOptions.CLIENT_PROPERTY + ": \"" + name
                    + "\" is no setting of Kafka's clients; did you mean " + NearestName.of(name, NAMES) + "?");
        }
    }
}

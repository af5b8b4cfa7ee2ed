package io.gpufleet.telemetry.kafka.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.types.Password;

/** The wrapping of passwords in the settings of a Kafka client, so that no text of a map or an error shows them. */
public final class ClientSecrets {
    private ClientSecrets() {}

    /**
     * Wraps the values of all settings that Kafka declares as passwords.
     *
     * @param overrides the settings of a client
     * @return all settings
     * @throws IllegalArgumentException if a password is not a text: Kafka's own error would quote it
     */
    public static Map<String, Object> wrapped(Map<String, ?> overrides) {
        Map<String, Object> wrapped = new HashMap<>(overrides);
        wrapped.replaceAll((name, value) -> isSecret(name) ? wrapped(name, value) : value);
        return Map.copyOf(wrapped);
    }

    private static Object wrapped(String name, Object value) {
        if (value instanceof String text) {
            return new Password(text);
        }
        if (value instanceof Password) {
            return value;
        }
        throw new IllegalArgumentException("overrides: " + name + " is a "
                + value.getClass().getName() + ", which is neither a String nor a Password of Kafka");
    }

    private static boolean isSecret(String name) {
        return Stream.of(ConsumerConfig.configDef(), ProducerConfig.configDef(), AdminClientConfig.configDef())
                .map(known -> known.configKeys().get(name))
                .anyMatch(key -> key != null && key.type == ConfigDef.Type.PASSWORD);
    }
}

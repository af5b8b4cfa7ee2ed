package io.gpufleet.telemetry.kafka.producer;

import io.gpufleet.telemetry.kafka.internal.Reconnects;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The settings of the SDK's producers: no record is lost, none is doubled by a retry. */
final class ProducerProperties {
    private static final Set<String> REFUSED = Set.of(
            ProducerConfig.ACKS_CONFIG,
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
            ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG);

    /** Fewer and larger requests. */
    static final Map<String, Object> THROUGHPUT = Map.of(
            ProducerConfig.LINGER_MS_CONFIG,
            100,
            ProducerConfig.BATCH_SIZE_CONFIG,
            64 * 1024,
            ProducerConfig.COMPRESSION_TYPE_CONFIG,
            "lz4");

    private ProducerProperties() {}

    static void check(Map<String, ?> overrides) {
        check(overrides, "records are sent as bytes, idempotently, with acks=all");
    }

    /** Checks the host's overrides by their names; {@code reason} says why some are refused. */
    static void check(Map<String, ?> overrides, String reason) {
        for (String name : overrides.keySet()) {
            if (REFUSED.contains(name)) {
                throw new IllegalArgumentException(
                        "overrides: " + name + "=" + overrides.get(name) + " cannot be set: " + reason);
            }
        }
    }

    /** Merges the settings: a producer's defaults, the host's overrides, and the fixed settings of the SDK. */
    static Map<String, Object> of(String bootstrapServers, Map<String, ?> defaults, Map<String, ?> overrides) {
        Map<String, Object> merged = new HashMap<>(defaults);
        merged.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        // A topic just created may refuse a first batch and accept the next one: out of order for ever.
        merged.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        merged.putAll(overrides);
        Reconnects.addTo(merged);
        merged.put(ProducerConfig.ACKS_CONFIG, "all");
        merged.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        merged.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
        merged.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
        return merged;
    }
}

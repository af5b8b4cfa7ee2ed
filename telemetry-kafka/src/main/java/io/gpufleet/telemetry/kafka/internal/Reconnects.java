package io.gpufleet.telemetry.kafka.internal;

import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.MetadataRecoveryStrategy;

/**
 * The reconnects of Kafka's clients to absent brokers: less and less often, because each attempt is logged, and to the
 * brokers' last addresses. With {@code rebootstrap}, Kafka's own default, a client logs a line each time it returns to
 * the first addresses: several times a second for a consumer or producer, and thousands of times for an admin client,
 * whose attempts pile up (4.3.1).
 */
public final class Reconnects {
    public static final int LONGEST_BACKOFF_MILLIS = 5_000;
    private static final int FIRST_BACKOFF_OF_ADMIN_MILLIS = 1_000;

    public static final String KNOWN_ADDRESSES = MetadataRecoveryStrategy.NONE.name;

    private Reconnects() {}

    /** Adds the reconnect settings that are missing. */
    public static void addTo(Map<String, Object> settings) {
        settings.putIfAbsent(CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG, KNOWN_ADDRESSES);
        // The first wait alone sets all waits, as in Kafka.
        if (!settings.containsKey(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG)) {
            settings.putIfAbsent(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, LONGEST_BACKOFF_MILLIS);
        }
    }

    /** Adds the missing settings of an admin client; without them its attempts pile up. */
    public static void addToAdmin(Map<String, Object> settings) {
        addTo(settings);
        settings.putIfAbsent(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, FIRST_BACKOFF_OF_ADMIN_MILLIS);
        settings.put(CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG, KNOWN_ADDRESSES);
    }
}

package io.gpufleet.telemetry.kafka.internal;

import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.MetadataRecoveryStrategy;

/**
 * The reconnects of Kafka's clients to absent brokers: more and more seldom, since each try is logged, and at the
 * brokers' last addresses. With {@code rebootstrap}, Kafka's own default, a client logs a line each time it thinks of
 * the first addresses again, which is several times a second for a consumer or producer, and thousands of times for an
 * admin client, whose tries pile up (4.3.1).
 */
public final class Reconnects {
    public static final int LONGEST_BACKOFF_MILLIS = 5_000;
    private static final int FIRST_BACKOFF_OF_ADMIN_MILLIS = 1_000;

    public static final String KNOWN_ADDRESSES = MetadataRecoveryStrategy.NONE.name;

    private Reconnects() {}

    /** Adds to settings what they do not say. */
    public static void addTo(Map<String, Object> settings) {
        settings.putIfAbsent(CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG, KNOWN_ADDRESSES);
        // The first wait alone sets all waits, as Kafka has it.
        if (!settings.containsKey(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG)) {
            settings.putIfAbsent(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, LONGEST_BACKOFF_MILLIS);
        }
    }

    /** Adds missing settings of an admin client; its tries pile up in any other way. */
    public static void addToAdmin(Map<String, Object> settings) {
        addTo(settings);
        settings.putIfAbsent(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, FIRST_BACKOFF_OF_ADMIN_MILLIS);
        settings.put(CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG, KNOWN_ADDRESSES);
    }
}

package io.gpufleet.telemetry.examples.rest.stream;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The topic of a stream, and the clients that read it: of no group, and nothing is committed. Immutable.
 *
 * @param bootstrapServers the brokers to ask first
 * @param name the topic
 * @param clientProperties further settings of Kafka's clients
 */
record StreamTopic(String bootstrapServers, String name, Map<String, String> clientProperties) {
    private static final int ANSWER_MILLIS = 5_000;

    /** A reader that is behind holds no more than this, whatever the number of partitions. */
    private static final Map<String, Object> READER = Map.of(
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "none",
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed",
            ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
            false,
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            500,
            ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
            4 << 20,
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
            512 << 10,
            ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
            200);

    private static final Map<String, Object> CLIENT = Map.of(
            CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG,
            ANSWER_MILLIS,
            CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG,
            ANSWER_MILLIS,
            CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG,
            1_000,
            CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG,
            "none",
            CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG,
            "",
            CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG,
            false);

    StreamTopic {
        clientProperties = Map.copyOf(clientProperties);
    }

    Consumer<byte[], byte[]> consumer(String clientId) {
        Map<String, Object> settings = settings(clientId);
        settings.putAll(READER);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    Admin admin() {
        Map<String, Object> settings = settings("telemetry-stream-topic");
        // Its attempts at an absent broker pile up otherwise.
        settings.putIfAbsent(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, 1_000);
        return Admin.create(settings);
    }

    private Map<String, Object> settings(String clientId) {
        Map<String, Object> settings = new HashMap<>(CLIENT);
        settings.putAll(clientProperties);
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
        return settings;
    }
}

package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Kafka's own client, with the product's settings. */
final class PlainClient {
    private static final Codec<Heartbeat> CODEC = BincodeHeartbeatCodec.fixed();

    private PlainClient() {}

    /** Returns a client of a new group, which begins at the beginning. */
    static KafkaConsumer<byte[], byte[]> of(Stage stage) {
        return new KafkaConsumer<>(settings(stage), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Returns the settings of such a client, without deserializers. */
    static Map<String, Object> settings(Stage stage) {
        Map<String, Object> settings = new HashMap<>(BacklogSettings.CLIENT);
        settings.put(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stage.servers().broker().bootstrapServers());
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, stage.newGroup());
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        return settings;
    }

    /** Returns the heartbeat of a record. */
    static Delivery<Heartbeat> delivery(ConsumerRecord<byte[], byte[]> record) {
        SourceRecord source = SourceRecord.builder(
                        new SourcePartition(record.topic(), record.partition()), record.offset())
                .build();
        return Delivery.of(CODEC.decode(record.value()), Instant.ofEpochMilli(record.timestamp()), source);
    }
}

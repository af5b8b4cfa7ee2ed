package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.heartbeat.SystemInfo;
import io.gpufleet.telemetry.testkit.FleetRecord;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@code heartbeat} that a backlog makes, as JSON with its schema in every record, which is what Connect's
 * converter reads without a registry of schemas.
 */
final class JsonBacklog {
    private static final String SCHEMA = """
            {"schema":{"type":"struct","name":"heartbeat","fields":[\
            {"field":"client_id","type":"bytes"},\
            {"field":"timestamp","type":"string","name":"io.debezium.time.ZonedTimestamp","version":1},\
            {"field":"cpu_usage","type":"int16"},\
            {"field":"mem_usage","type":"int16"},\
            {"field":"disk_usage","type":"int16"},\
            {"field":"network_up","type":"int64"},\
            {"field":"network_down","type":"int64"}]},"payload":""";

    private JsonBacklog() {}

    /** Publishes the rows of a backlog into a topic of their own, and returns its name. */
    static String publish(Servers servers, Backlog backlog) {
        String topic = backlog.topic() + "-json";
        servers.broker().createTopic(topic, backlog.partitions());
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer = producer(servers)) {
            Iterator<FleetRecord> records =
                    backlog.fleet().stream().limit(backlog.records()).iterator();
            while (records.hasNext()) {
                send(producer, topic, records.next(), failure);
            }
            producer.flush();
        }
        Exception first = failure.get();
        if (first != null) {
            throw new IllegalStateException("cannot publish to " + topic, first);
        }
        return topic;
    }

    private static KafkaProducer<byte[], byte[]> producer(Servers servers) {
        Map<String, Object> settings = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                servers.broker().bootstrapServers(),
                ProducerConfig.BATCH_SIZE_CONFIG,
                1 << 16,
                ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                1);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback notes what the future would say
    private static void send(
            KafkaProducer<byte[], byte[]> producer,
            String topic,
            FleetRecord record,
            AtomicReference<@Nullable Exception> failure) {
        producer.send(
                new ProducerRecord<>(topic, null, record.timestamp().toEpochMilli(), record.key(), json(record)),
                (metadata, exception) -> {
                    if (exception != null) {
                        failure.compareAndSet(null, exception);
                    }
                });
    }

    private static byte[] json(FleetRecord record) {
        SystemInfo info = record.heartbeat().systemInfo();
        String client =
                Base64.getEncoder().encodeToString(record.heartbeat().clientId().toBytes());
        String row = "{\"client_id\":\"" + client + "\",\"timestamp\":\"" + record.timestamp() + "\",\"cpu_usage\":"
                + info.cpuUsage() + ",\"mem_usage\":" + info.memoryUsage() + ",\"disk_usage\":" + info.diskUsage()
                + ",\"network_up\":" + info.networkTx() + ",\"network_down\":" + info.networkRx() + "}}";
        return (SCHEMA + row).getBytes(StandardCharsets.UTF_8);
    }
}

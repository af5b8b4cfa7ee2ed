package io.gpufleet.telemetry.integration.moving;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.testkit.KafkaBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The old consumer of GPU samples, with its faults: it stores any number, a row for each reading of a record, and its
 * offsets only later. Belongs to one thread.
 */
final class OldGpuConsumer {
    private static final String TABLES = """
            CREATE TABLE gpu_telemetry (id bigserial PRIMARY KEY, ts timestamptz NOT NULL, metric_name text NOT NULL,
                gpu_id integer, device text, uuid text NOT NULL, model_name text, hostname text, container text,
                pod text, namespace text, metric_value double precision, labels_raw jsonb,
                created_at timestamptz NOT NULL DEFAULT now());
            CREATE TABLE consumer_offsets (partition integer PRIMARY KEY, next_offset bigint NOT NULL)""";

    private static final String INSERT = """
            INSERT INTO gpu_telemetry (ts, metric_name, gpu_id, device, uuid, model_name, hostname, container, pod,
                namespace, metric_value, labels_raw)
            SELECT (r ->> 'timestamp')::timestamptz, r ->> 'metric_name', (r ->> 'gpu_id')::integer, r ->> 'device',
                r ->> 'uuid', r ->> 'modelName', r ->> 'Hostname', r ->> 'container', r ->> 'pod', r ->> 'namespace',
                (r ->> 'value')::double precision, r -> 'labels_raw'
            FROM (SELECT ?::jsonb AS r) AS record""";

    private final KafkaBroker kafka;
    private final Database database;
    private final String topic;
    private final Map<Integer, Long> offsets = new TreeMap<>();

    private OldGpuConsumer(KafkaBroker kafka, Database database, String topic) {
        this.kafka = kafka;
        this.database = database;
        this.topic = topic;
    }

    static OldGpuConsumer install(KafkaBroker kafka, Database database, String topic) {
        database.execute(TABLES);
        return new OldGpuConsumer(kafka, database, topic);
    }

    /** Stores all records from the stored offsets on, again if they were stored before. */
    void write() {
        offsets.putAll(kafka.endOffsets(topic));
        List<String> values = read();
        Jdbi.create(database.source()).useTransaction(handle -> {
            try (PreparedBatch rows = handle.prepareBatch(INSERT)) {
                values.forEach(rows::add);
                rows.execute();
            }
        });
    }

    /** Stores the offsets behind the records that were written. */
    void storeOffsets() {
        offsets.forEach((partition, next) -> database.execute("INSERT INTO consumer_offsets VALUES (" + partition + ", "
                + next + ") ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset"));
    }

    private List<String> read() {
        Map<Integer, Long> stored = database.offsets("SELECT partition, next_offset FROM consumer_offsets");
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(offsets.keySet().stream().map(this::partition).toList());
            offsets.keySet().forEach(p -> consumer.seek(partition(p), stored.getOrDefault(p, 0L)));
            while (offsets.keySet().stream().anyMatch(p -> consumer.position(partition(p)) < offsets.get(p))) {
                for (ConsumerRecord<byte[], byte[]> found : consumer.poll(Duration.ofSeconds(1))) {
                    values.add(new String(found.value(), UTF_8));
                }
            }
        }
        return values;
    }

    private TopicPartition partition(int number) {
        return new TopicPartition(topic, number);
    }
}

package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.benchmarks.pipeline.BacklogSettings;
import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Figures;
import io.gpufleet.telemetry.benchmarks.pipeline.Measurement;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * The usual service on this topic: one loop that copies 500 samples at a time into a flat table with all texts, and
 * then commits the offset. A crash between the two stores samples twice. It reads the texts with the product's decoder,
 * and its table has two indexes, fewer than usual. Belongs to one thread.
 */
final class CopyingConsumer implements Decoder.Values<GpuSample> {
    static final String NAME = "usual service, COPY of 500";

    private static final int COPIED = 500;
    private static final int PART = 5;
    private static final ExpositionTextDecoder DECODER = ExpositionTextDecoder.create();

    private static final String TABLE = """
            CREATE TABLE usual_telemetry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ts timestamptz NOT NULL,
                metric_name text NOT NULL, gpu_id integer, device text, uuid text, model_name text, hostname text,
                container text, pod text, namespace text, metric_value double precision, labels_raw jsonb,
                created_at timestamptz NOT NULL DEFAULT now());
            CREATE INDEX ON usual_telemetry (uuid, metric_name, ts)""";

    private static final String COPY = "COPY usual_telemetry (ts, metric_name, gpu_id, device, uuid, model_name,"
            + " hostname, container, pod, namespace, metric_value, labels_raw) FROM STDIN";

    private final CopyManager copies;
    private final Measurement measurement;
    private final List<GpuSample> waiting = new ArrayList<>();
    private @Nullable ConsumerRecord<byte[], byte[]> last;

    private CopyingConsumer(Connection connection, Measurement measurement) throws SQLException {
        this.copies = connection.unwrap(PGConnection.class).getCopyAPI();
        this.measurement = measurement;
    }

    /** Consumes a fifth of the backlog into an empty database: every sample costs the same. */
    static Figures measure(SampleStage stage) throws InterruptedException, SQLException, IOException {
        try (Database database = stage.newDatabase(1);
                Connection connection = database.pool().getConnection();
                KafkaConsumer<byte[], byte[]> client = client(stage)) {
            database.execute(TABLE);
            Measurement measurement =
                    Measurement.of(stage.servers(), stage.backlog().samples() / PART);
            new CopyingConsumer(connection, measurement)
                    .consume(client, stage.backlog().topic());
            return measurement.await();
        }
    }

    private static KafkaConsumer<byte[], byte[]> client(SampleStage stage) {
        Map<String, Object> settings = new HashMap<>(BacklogSettings.CLIENT);
        settings.put(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stage.servers().broker().bootstrapServers());
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, stage.newGroup());
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private void consume(KafkaConsumer<byte[], byte[]> client, String topic) throws SQLException, IOException {
        client.subscribe(List.of(topic));
        while (!measurement.isDone()) {
            for (ConsumerRecord<byte[], byte[]> record : client.poll(Duration.ofMillis(100))) {
                measurement.begin();
                DECODER.decode(source(record), this);
                while (waiting.size() >= COPIED) {
                    store(client, record, COPIED);
                }
                last = record;
            }
            if (last != null && !waiting.isEmpty()) {
                store(client, last, waiting.size());
            }
        }
    }

    private static SourceRecord source(ConsumerRecord<byte[], byte[]> record) {
        return SourceRecord.builder(new SourcePartition(record.topic(), record.partition()), record.offset())
                .timestampMillis(record.timestamp())
                .value(record.value())
                .build();
    }

    @Override
    public void accept(GpuSample sample) {
        waiting.add(sample);
    }

    @Override
    public void refuse(String reason) {
        throw new IllegalStateException(reason);
    }

    /** Copies the first samples, which commits them, and then commits the offset. */
    private void store(KafkaConsumer<byte[], byte[]> client, ConsumerRecord<byte[], byte[]> record, int count)
            throws SQLException, IOException {
        List<GpuSample> samples = waiting.subList(0, count);
        String lines = samples.stream().map(CopyingConsumer::line).collect(Collectors.joining());
        copies.copyIn(COPY, new StringReader(lines));
        client.commitSync(Map.of(
                new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1)));
        samples.clear();
        measurement.done(count);
    }

    /** Returns a line of COPY; no text of the generated fleet needs an escape. */
    private static String line(GpuSample sample) {
        GpuSubject subject = sample.subject();
        String labels = subject.labels().entrySet().stream()
                .map(label -> '"' + label.getKey() + "\":\"" + label.getValue() + '"')
                .collect(Collectors.joining(",", "{", "}"));
        return String.join(
                "\t",
                sample.time().toString(),
                sample.metric().name(),
                Integer.toString(subject.index().orElse(0)),
                subject.device(),
                subject.uuid(),
                subject.model(),
                subject.host(),
                subject.container(),
                subject.pod(),
                subject.namespace(),
                Double.toString(sample.value()),
                labels + "\n");
    }
}

package io.gpufleet.telemetry.integration.moving;

import static io.gpufleet.telemetry.integration.moving.History.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A service that follows the guide away from its flat table has the rows of one that has read the whole topic. */
@TelemetryStackTest
final class GpuMovingIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String READ = "expected";
    private static final String MOVED = "telemetry";
    private static final Instant FIRST = at("01-01T00");
    private static final Instant STORED = at("01-02T06");
    private static final Instant STOP = at("01-03T12");
    private static final Instant LAST = at("01-04T12");

    /** What two schemas have in common, unlike numbers that are drawn. */
    private static final List<String> CONTENTS = List.of(
            "SELECT g.uuid, m.metric_name, m.kind, m.unit, s.ts, s.series_key, s.metric_value, s.labels_id, s.instance,"
                    + " s.scope, s.quality FROM %1$s.gpu_sample AS s JOIN %1$s.gpu AS g USING (gpu_no)"
                    + " JOIN %1$s.gpu_metric AS m USING (metric_no)",
            "SELECT * FROM %s.gpu_labels",
            "SELECT uuid, gpu_id, device, pci_bus_id, model_name, hostname, namespace, first_seen, last_seen, moved_at"
                    + " FROM %s.gpu");

    @TempDir
    Path classes;

    /** The old consumer has read a file twice, and has written more than its offsets tell. */
    @ParameterizedTest
    @EnumSource
    void inItsPlace_goesOnAtTheOldOffsets(PostgresVersion version, TelemetryStack stack) throws Throwable {
        String topic = "moving-gpu-" + version.name().toLowerCase(Locale.ROOT);
        stack.createTopic(topic, 2);
        Database database = new Database(version.newDatabase(stack));
        OldGpuConsumer old = OldGpuConsumer.install(stack.kafka(), database, topic);
        stack.publish(topic, GpuHistory.between(FIRST, STORED));
        old.write();
        old.write();
        old.storeOffsets();
        stack.publish(topic, GpuHistory.between(STORED, STOP));
        old.write();
        try (GuideCode code = code(stack, topic)) {
            code.call(Void.class, "InstallGpuSamples", "install", database.source());
            database.execute(MovingGuide.gpuSamples().get(0));
            SampleTables.Moved moved = move(code, database);
            assertThat(moved.comparison().holds()).isTrue();
            assertThat(moved.total().read()).isEqualTo(database.number("SELECT count(*) FROM public.gpu_telemetry"));
            assertThat(moved.total().duplicates()).isPositive();
            assertThat(move(code, database).run().read()).isZero();
            code.call(Void.class, "GpuSampleProof", "check", database.source());
            assertThat(database.number("SELECT count(DISTINCT ts) FROM telemetry.gpu_sample"))
                    .isEqualTo(Duration.between(FIRST, STOP).toHours() / 6);
            handOver(stack, database, topic);
            stack.publish(topic, GpuHistory.between(STOP, LAST));
            consume(
                    stack,
                    database,
                    topic,
                    MOVED,
                    code.call(BatchingConsumer.class, "StartGpuSamples", "inItsPlace", database.source()));
            code.call(Void.class, "GpuSampleProof", "check", database.source());
        }
        consume(stack, database, topic, READ, fromTheBeginning(stack, database, topic));
        CONTENTS.forEach(sql -> assertThat(database.rows(sql.formatted(MOVED)))
                .containsExactlyInAnyOrderElementsOf(database.rows(sql.formatted(READ)))
                .isNotEmpty());
        assertThat(database.rows("SELECT DISTINCT reason FROM telemetry.consumption_gaps"))
                .containsExactly("adopted");
    }

    /** An export with a statement, a clash of times, and a field that is an integer, a float and a text. */
    @Test
    void exportOfInflux_isStoredOnce(TelemetryStack stack) throws Throwable {
        Database database = new Database(stack.newDatabase());
        Path export = Files.writeString(classes.resolve("export.txt"), """
                # DDL
                CREATE DATABASE dcgm WITH NAME autogen
                # DML
                gpu,card=GPU-a,host=n1 temp=71i,fan=1 1767225600370294075
                gpu,card=GPU-a,host=n1 temp=72.0 1767225600371160586
                gpu,card=GPU-a,host=n1 temp=73 1767225600371160999
                gpu,card=GPU-a,host=n1 temp="74" 1767225600372000000
                """);
        try (GuideCode code =
                GuideCode.compile(classes, source -> source.replace("\"dcgm.gz\"", '"' + export.toString() + '"'))) {
            code.call(Void.class, "InstallGpuSamples", "install", database.source());
            SampleFiles.Imported first =
                    code.call(SampleFiles.Imported.class, "ImportFromInflux", "importFrom", database.source());
            assertThat(first.reasons())
                    .containsExactly(
                            "line 7: field \"temp\" is the text \"74\", not a number",
                            "line 6: 73.0 is not stored, since line 5 has 72.0 for DCGM_FI_DEV_GPU_TEMP of GPU-a at"
                                    + " 2026-01-01T00:00:00.371160Z");
            assertThat(first.conflicts()).isEqualTo(1);
            assertThat(code.call(SampleFiles.Imported.class, "ImportFromInflux", "importFrom", database.source())
                            .rows())
                    .isZero();
        }
        assertThat(database.rows("SELECT uuid, hostname, metric_value FROM telemetry.gpu_telemetry ORDER BY ts"))
                .containsExactly("GPU-a n1 71", "GPU-a n1 72");
    }

    private GuideCode code(TelemetryStack stack, String topic) throws IOException {
        return GuideCode.compile(
                classes,
                source -> source.replace("\"localhost:9092\"", '"' + stack.bootstrapServers() + '"')
                        .replace("\"gpu-metrics-raw\"", '"' + topic + '"')
                        .replace("\"gpu-sample-consumer-group\"", '"' + group(topic, MOVED) + '"'));
    }

    private static String group(String topic, String schema) {
        return topic + '-' + schema;
    }

    private static SampleTables.Moved move(GuideCode code, Database database) throws Throwable {
        return code.call(SampleTables.Moved.class, "MoveGpuSamples", "move", database.source());
    }

    /** Gives the old offsets to the group, like the guide's command. */
    private static void handOver(TelemetryStack stack, Database database, String topic) {
        String sql = MovingGuide.gpuSamples().get(1);
        assertThat(sql).contains("'gpu-metrics-raw' AS topic, ");
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        database.offsets(sql.replace("'gpu-metrics-raw' AS topic, ", ""))
                .forEach((partition, next) ->
                        offsets.put(new TopicPartition(topic, partition), new OffsetAndMetadata(next)));
        assertThat(offsets).isNotEmpty();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
            MovingService.commit(admin, group(topic, MOVED), offsets);
        }
    }

    private static void consume(
            TelemetryStack stack, Database database, String topic, String schema, BatchingConsumer started) {
        try (BatchingConsumer consumer = started) {
            Await.until(
                    "group " + group(topic, schema) + " is at the end",
                    LIMIT,
                    () -> database.positions(schema, group(topic, schema))
                            .equals(stack.kafka().endOffsets(topic)));
        }
    }

    private static BatchingConsumer fromTheBeginning(TelemetryStack stack, Database database, String topic) {
        TelemetrySchema.builder(database.source())
                .schema(READ)
                .gpuSamples()
                .build()
                .install();
        return GpuSampleConsumer.builder(
                        SampleJsonDecoder.create(),
                        GpuSampleSink.builder(database.source()).schema(READ).build())
                .validator(GpuSampleValidator.builder().anyAge().build())
                .bootstrapServers(stack.bootstrapServers())
                .topics(topic)
                .groupId(group(topic, READ))
                .start();
    }
}

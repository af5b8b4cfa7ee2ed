package io.gpufleet.telemetry.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.codec.GpuAssetCsvDecoder;
import io.gpufleet.telemetry.codec.GpuAssetJsonCodec;
import io.gpufleet.telemetry.gpu.GpuAsset;
import io.gpufleet.telemetry.gpu.GpuAssetChange;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.GpuAssets;
import io.gpufleet.telemetry.jdbc.gpu.GpuAssets.Imported;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.producer.GpuAssetPublisher;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.ReusedConnections;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import io.gpufleet.telemetry.testkit.TestRecord;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** Assets from files into a table, from there into the compacted topic, and from it into another table. */
@TelemetryStackTest
final class GpuAssetsIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String TOPIC = "gpu-assets";
    private static final String CSV = """
            gpu_uuid,model,memory_gb,warranty_expiry,team
            GPU-1,H100,80,2028-06-30,vision
            GPU-2,H100,80 GB,,
            GPU-3,B200,192,,speech
            GPU-4,A100,,,
            """;

    private static DataSource database(TelemetryStack stack) {
        DataSource database = ReusedConnections.source(stack.newDatabase().jdbcUrl());
        TelemetrySchema.builder(database).gpuSamples().build().install();
        return database;
    }

    private static Imported importText(GpuAssets assets, String csv) throws IOException {
        return assets.importFrom(new ByteArrayInputStream(csv.getBytes(UTF_8)), GpuAssetCsvDecoder.create());
    }

    private static List<GpuAsset> all(GpuAssets assets) {
        List<GpuAsset> all = new ArrayList<>();
        assets.forEach(all::add);
        return all;
    }

    private static List<String> rows(DataSource database, String sql) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(result.getString(1));
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static BatchingConsumer consumer(TelemetryStack stack, DataSource database) {
        return BatchingConsumer.builder(
                        GpuAssetChange.decoder(GpuAssetJsonCodec.create()),
                        GpuAssets.create(database).sink().build())
                .bootstrapServers(stack.bootstrapServers())
                .topics(TOPIC)
                .groupId("assets")
                .batching(BatchPolicy.builder().linger(Duration.ofMillis(50)).build())
                .start();
    }

    @Test
    void table_followsTheTopicThatAnotherTableFills(TelemetryStack stack) throws IOException {
        stack.createTopic(TOPIC, 2, Map.of("cleanup.policy", "compact"));
        GpuAssets inventory = GpuAssets.create(database(stack));
        DataSource database = database(stack);
        GpuAssets followed = GpuAssets.create(database);
        assertThat(importText(inventory, CSV))
                .isEqualTo(new Imported(
                        3, 0, 0, 1, List.of("line 3: memory_gb \"80 GB\" is not a whole number from 0 to 2147483647")));

        try (GpuAssetPublisher publisher = GpuAssetPublisher.builder(
                        GpuAssetJsonCodec.create(), stack.bootstrapServers())
                .build()) {
            publishAll(inventory, publisher);
            try (BatchingConsumer consumer = consumer(stack, database)) {
                Await.until("the assets are there", LIMIT, () -> all(followed).equals(all(inventory)));
                publisher.remove("GPU-1").join();
                Await.until("the asset is gone", LIMIT, () -> all(followed).size() == 2);
                assertThat(consumer.snapshot().counts().tombstones()).isZero();
            }
            assertThat(importText(inventory, "uuid,model\nGPU-3,B300\nGPU-5,B300\n")
                            .updated())
                    .isEqualTo(1);
            publishAll(inventory, publisher);
            publisher.remove("GPU-4").join();
            stack.publish(
                    TOPIC,
                    List.of(TestRecord.of("GPU-7".getBytes(UTF_8), "{\"gpu_uuid\":\"GPU-6\"}".getBytes(UTF_8), null)));
        }
        try (BatchingConsumer consumer = consumer(stack, database)) {
            Await.until(
                    "the bad record is a dead letter",
                    LIMIT,
                    () -> !reasons(database).isEmpty());
            Await.until(
                    "all changes are applied",
                    LIMIT,
                    () -> rows(database, "SELECT gpu_uuid || ' ' || model FROM gpu_assets ORDER BY 1"),
                    List.of("GPU-1 H100", "GPU-3 B300", "GPU-5 B300")::equals);
        }
        assertThat(reasons(database))
                .containsExactly("{\"key: \\\"GPU-7\\\" is not the UUID of the asset; allowed: GPU-6\"}");
    }

    private static List<String> reasons(DataSource database) {
        return rows(database, "SELECT reasons FROM dead_letters");
    }

    private static void publishAll(GpuAssets assets, GpuAssetPublisher publisher) {
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        assets.forEach(asset -> sent.add(publisher.send(asset)));
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
    }
}

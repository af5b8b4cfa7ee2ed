package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.quickstart.Query;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleInvariant;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.kafka.topic.TopicCatalogue;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator;
import io.gpufleet.telemetry.testkit.GpuFleetRecord;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The code of the README as a process: ended, and started again for the same records and more. */
final class GpuSamplesInAServiceTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Test
    void process_storesEachSampleOnce_howeverOftenItIsSent() throws SQLException {
        List<GpuFleetRecord> fleet =
                GpuFleetGenerator.builder()
                        .gpus(16)
                        .start(Instant.now().minus(Duration.ofHours(1)))
                        .damageRate(0.01)
                        .build()
                        .stream()
                        .limit(80)
                        .toList();
        long samples =
                fleet.stream().mapToLong(record -> record.samples().size()).sum();
        try (TelemetryStack stack = TelemetryStack.start()) {
            PostgresDatabase database = stack.newDatabase();
            TopicCatalogue.builder(stack.bootstrapServers())
                    .only(GpuSampleConsumer.TOPIC)
                    .partitions(GpuSampleConsumer.TOPIC, 2)
                    .build()
                    .install();
            stack.publish(GpuSampleConsumer.TOPIC, fleet.subList(0, 40));
            try (ForkedJvm first = service(stack, database)) {
                awaitSamples(database, 1);
                end(first);
            }
            stack.publish(GpuSampleConsumer.TOPIC, fleet);
            try (ForkedJvm second = service(stack, database)) {
                awaitSamples(database, samples);
                end(second);
            }
            assertThat(stored(database)).isEqualTo(samples);
            assertThat(Query.number(database.dataSource(), "SELECT count(*) FROM gpu"))
                    .isEqualTo(16);
            assertThat(GpuSampleInvariant.check(database.dataSource()).holds()).isTrue();
        }
    }

    private static void end(ForkedJvm service) {
        service.terminate();
        assertThat(service.awaitExit(LIMIT)).as("128 and SIGTERM").isEqualTo(143);
    }

    private static ForkedJvm service(TelemetryStack stack, PostgresDatabase database) {
        return ForkedJvm.builder(GpuSamplesInAService.class)
                .jvmArguments("-Dorg.slf4j.simpleLogger.defaultLogLevel=error")
                .arguments(stack.bootstrapServers(), database.jdbcUrl())
                .start();
    }

    private static void awaitSamples(PostgresDatabase database, long enough) {
        Await.until("samples are stored", LIMIT, () -> stored(database), stored -> stored >= enough);
    }

    private static long stored(PostgresDatabase database) throws SQLException {
        boolean installed = Query.rows(database.dataSource(), "SELECT to_regclass('gpu_sample') IS NOT NULL")
                .equals(List.of(List.of(true)));
        return installed ? Query.number(database.dataSource(), "SELECT count(*) FROM gpu_sample") : 0;
    }
}

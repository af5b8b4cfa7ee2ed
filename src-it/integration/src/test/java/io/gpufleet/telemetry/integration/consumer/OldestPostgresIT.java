package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The whole pipeline on the oldest supported PostgreSQL; all other tests run on the newest. */
@TelemetryStackTest
final class OldestPostgresIT {
    /** Other binaries select another version. */
    private static final String VERSION = System.getProperty("oldest.postgres", "14");

    @Test
    void heartbeats_areStoredOnceOverACrash(TelemetryStack stack) {
        stack.createTopic("oldest-postgres", 2);
        try (PostgresServer postgres = PostgresServer.builder()
                .binaries(Path.of(System.getProperty("telemetry.postgres14")))
                .durable()
                .start()) {
            Database database = Database.of(postgres);
            assertThat(database.rows("SHOW server_version").get(0)).startsWith(VERSION + ".");
            Pipeline pipeline = new Pipeline(
                    stack.kafka(),
                    database,
                    "oldest-postgres",
                    FleetGenerator.builder().damageRate(0.02).refusalRate(0.02));
            pipeline.publish(1000);
            try (BatchingConsumer consumer = pipeline.consumer().start()) {
                Await.until("some are applied", Pipeline.LIMIT, () -> database.count("audit") > 0);
                postgres.kill();
                postgres.start();
                pipeline.awaitEnd();
            }
            pipeline.publish(1000);
            pipeline.consumeAll();
            assertThat(pipeline.refused()).isPositive();
            assertThat(database.count("dead_letters")).isEqualTo(pipeline.refused());
            pipeline.assertApplied(pipeline.accepted());
        }
    }
}

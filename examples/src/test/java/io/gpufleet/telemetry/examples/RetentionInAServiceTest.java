package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.quickstart.Query;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The program as a process, on a database with an old day. */
final class RetentionInAServiceTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String OLD_DAY = "CREATE TABLE heartbeat_20240229 PARTITION OF heartbeat"
            + " FOR VALUES FROM ('2024-02-29 00:00:00+00') TO ('2024-03-01 00:00:00+00')";

    @Test
    void process_dropsAnOldDayAndStoresNewHeartbeats() throws SQLException {
        try (TelemetryStack stack = TelemetryStack.start()) {
            PostgresDatabase database = stack.newDatabase();
            prepare(stack, database);
            try (ForkedJvm service = service(stack, database)) {
                await(database, "SELECT count(*) FROM heartbeat", 100);
                await(database, "SELECT count(*) FROM pg_class WHERE relname = 'heartbeat_20240229'", 0);
                assertThat(service.isAlive()).isTrue();
            }
            assertThat(HeartbeatInvariant.check(database.dataSource()).holds()).isTrue();
        }
    }

    private static void prepare(TelemetryStack stack, PostgresDatabase database) throws SQLException {
        TelemetrySchema.builder(database.dataSource())
                .partitionedByDay()
                .build()
                .install();
        Sql.execute(database.dataSource(), OLD_DAY);
        Instant anHourAgo = Instant.now().minus(Duration.ofHours(1));
        stack.createTopic(HeartbeatConsumer.TOPIC, 1);
        stack.publish(
                HeartbeatConsumer.TOPIC,
                FleetGenerator.builder().clients(10).start(anHourAgo).build().records(100));
    }

    private static ForkedJvm service(TelemetryStack stack, PostgresDatabase database) {
        return ForkedJvm.builder(RetentionInAService.class)
                .jvmArguments("-Dorg.slf4j.simpleLogger.defaultLogLevel=error")
                .arguments(stack.bootstrapServers(), database.jdbcUrl())
                .start();
    }

    private static void await(PostgresDatabase database, String query, long expected) {
        Await.until(query, LIMIT, () -> Query.number(database.dataSource(), query), found -> found == expected);
    }
}

package io.gpufleet.telemetry.examples.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.quickstart.Query;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The program as a process: its consumption, and its end. */
@TelemetryStackTest
final class HeartbeatConsumerMainTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int RECORDS = 500;
    private static final List<FleetRecord> FLEET = FleetGenerator.builder()
            .clients(20)
            .startAgo(Duration.ofHours(1))
            .build()
            .records(RECORDS);

    @Test
    void signal_letsWhatIsBufferedBeWrittenAndEndsWithZero(TelemetryStack stack) throws SQLException {
        PostgresDatabase database = stack.newDatabase();
        stack.createTopic("ends-in-order", 2);
        try (ForkedJvm consumer = program()
                .arguments("--database-url", asPostgresUrl(database), "--bootstrap-server", stack.bootstrapServers())
                .arguments("--topic", "ends-in-order", "--group", "ends", "--schema", "telemetry", "--concurrency", "1")
                .arguments("--batch-size", "300", "--batch-timeout", "1m")
                .arguments("--client-property", "client.id=by-hand")
                .start()) {
            assertThat(consumer.awaitLine("Consuming", LIMIT))
                    .isEqualTo("Consuming ends-in-order of " + stack.bootstrapServers() + " as ends into "
                            + asPostgresUrl(database).replaceFirst(".*@", ""));
            stack.publish("ends-in-order", FLEET);
            awaitNumber(database, "SELECT count(*) FROM telemetry.heartbeat", 300);

            consumer.terminate();

            assertThat(consumer.awaitExit(LIMIT)).isZero();
            assertThat(consumer.errors()).containsExactly("Ended, all records in flight are written");
        }
        assertThat(Query.number(database.dataSource(), "SELECT sum(next_offset) FROM telemetry.consumer_offsets"))
                .isEqualTo(Query.number(database.dataSource(), "SELECT count(*) FROM telemetry.heartbeat"))
                .isPositive();
        awaitNumber(database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()", 1);
    }

    @Test
    void signal_whileTheDatabaseStallsEndsWithOneAndCountsWhatIsMissing(TelemetryStack stack) throws SQLException {
        PostgresDatabase database = stack.newDatabase();
        TelemetrySchema.create(database.dataSource()).install();
        stack.createTopic("stalls", 1);
        try (ForkedJvm consumer = program()
                        .environment("TELEMETRY_DATABASE_URL", database.jdbcUrl())
                        .environment("TELEMETRY_BOOTSTRAP_SERVER", stack.bootstrapServers())
                        .environment("TELEMETRY_TOPIC", "stalls")
                        .environment("TELEMETRY_GROUP", "stalls")
                        .environment("TELEMETRY_BATCH_SIZE", "50")
                        .environment("TELEMETRY_BATCH_TIMEOUT", "100ms")
                        .environment("TELEMETRY_CONCURRENCY", "1")
                        .environment("TELEMETRY_NO_INSTALL_SCHEMA", "true")
                        .environment("TELEMETRY_SHUTDOWN_TIMEOUT", "500ms")
                        .start();
                Connection other = database.dataSource().getConnection()) {
            consumer.awaitLine("Consuming stalls", LIMIT);
            awaitNumber(database, "SELECT count(*) FROM consumer_offsets", 1);
            holdUp(database, other, () -> stack.publish("stalls", FLEET));

            consumer.terminate();

            assertThat(consumer.awaitExit(LIMIT)).isEqualTo(1);
            assertThat(consumer.errors())
                    .singleElement()
                    .asString()
                    .matches("Ended, [1-9][0-9,]* records? (is|are) not written and will be delivered again");
        }
    }

    /** A hanging call to the database delays nothing: neither the write, nor the connections of the pool. */
    @Test
    void signal_whileTheDatabaseIsSuspended_endsInTime(TelemetryStack stack) throws SQLException {
        stack.createTopic("suspended", 1);
        try (PostgresServer postgres = PostgresServer.builder().start()) {
            PostgresDatabase database = postgres.newDatabase();
            try (ForkedJvm consumer = program()
                            .arguments("--database-url", database.jdbcUrl(), "--topic", "suspended")
                            .arguments("--bootstrap-server", stack.bootstrapServers(), "--group", "suspended")
                            .arguments("--batch-timeout", "100ms", "--shutdown-timeout", "2s")
                            .start();
                    Connection other = database.dataSource().getConnection()) {
                consumer.awaitLine("Consuming suspended", LIMIT);
                awaitNumber(database, "SELECT count(*) FROM consumer_offsets", 1);
                holdUp(database, other, () -> stack.publish("suspended", FLEET));
                postgres.suspend();
                long begun = System.nanoTime();

                consumer.terminate();

                assertThat(consumer.awaitExit(LIMIT)).isEqualTo(1);
                assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMillis(4_500));
                assertThat(consumer.errors())
                        .singleElement()
                        .asString()
                        .matches("Ended, [1-9][0-9,]* records? (is|are) not written and will be delivered again");
                postgres.resume();
            }
        }
    }

    /** Locks the positions, and waits until a write waits for them. */
    private static void holdUp(PostgresDatabase database, Connection other, Runnable publishing) throws SQLException {
        other.setAutoCommit(false);
        other.createStatement().execute("SELECT * FROM consumer_offsets FOR UPDATE");
        publishing.run();
        awaitNumber(
                database,
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND wait_event_type = 'Lock'",
                1);
    }

    @Test
    void clientProperties_comeFromTheEnvironmentToo(TelemetryStack stack) {
        try (ForkedJvm consumer = program()
                .environment("TELEMETRY_DATABASE_URL", stack.jdbcUrl())
                .environment("TELEMETRY_BOOTSTRAP_SERVER", stack.bootstrapServers())
                .environment("TELEMETRY_CLIENT_PROPERTIES", "fetch.max.wait.ms=100\ngroup.id=x")
                .start()) {
            assertThat(consumer.awaitExit(LIMIT)).isEqualTo(2);
            assertThat(consumer.errors())
                    .containsExactly("heartbeat-consumer: --client-property: group.id=x cannot be set: use --group");
        }
    }

    private static ForkedJvm.Builder program() {
        return ForkedJvm.builder(HeartbeatConsumerMain.class)
                .jvmArguments("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
    }

    private static String asPostgresUrl(PostgresDatabase database) {
        return database.jdbcUrl().replaceFirst("jdbc:postgresql://(.*)\\?user=(\\w+).*", "postgres://$2@$1");
    }

    private static void awaitNumber(PostgresDatabase database, String sql, long expected) {
        Await.until(
                sql + " gives " + expected,
                LIMIT,
                () -> Query.number(database.dataSource(), sql),
                number -> number == expected);
    }
}

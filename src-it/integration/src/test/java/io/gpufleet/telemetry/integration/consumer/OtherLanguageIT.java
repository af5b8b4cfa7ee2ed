package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.integration.servers.TranslatedPostgres;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A server with German messages. */
@TelemetryStackTest
final class OtherLanguageIT {
    private static final String ADD_COLUMN = "ALTER TABLE client_daily_stats ADD more integer";

    private static PostgresServer postgres;

    @BeforeAll
    static void start() {
        postgres = TranslatedPostgres.start(builder -> builder);
    }

    @AfterAll
    static void end() {
        if (postgres != null) {
            postgres.close();
        }
    }

    /** A day that an operator has dropped is created again, and its heartbeats do not become dead letters. */
    @Test
    void droppedDay_isMadeAgain(TelemetryStack stack) {
        stack.createTopic("dropped-day", 1);
        Database database = Database.installByDay(postgres.newDatabase());
        Pipeline pipeline = new Pipeline(stack.kafka(), database, "dropped-day");
        pipeline.publish(50);
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            pipeline.awaitEnd();
            List<String> days = pipeline.database()
                    .rows(
                            "SELECT inhrelid::regclass FROM pg_inherits"
                                    + " WHERE inhparent = 'heartbeat'::regclass AND inhrelid::regclass::text LIKE 'heartbeat_2%'");
            days.forEach(day -> pipeline.database().execute("DROP TABLE " + day));
            pipeline.database().execute("DELETE FROM audit");
            pipeline.publish(1);
            pipeline.awaitEnd();
            pipeline.publish(49);
            pipeline.awaitEnd();
            assertThat(consumer.health().status()).isEqualTo(Health.Status.UP);
        }
        assertThat(pipeline.database().count("dead_letters")).isZero();
        assertThat(pipeline.database().count("heartbeat")).isEqualTo(50);
        assertThat(pipeline.database().count("audit")).isEqualTo(50);
    }

    /** A prepared statement whose table has changed is prepared again, in another session. */
    @Test
    void changedTable_isNoticed(TelemetryStack stack) {
        stack.createTopic("changed-table", 1);
        Pipeline pipeline = new Pipeline(stack.kafka(), Database.of(postgres), "changed-table");
        HikariConfig settings = new HikariConfig();
        settings.setDataSource(pipeline.database().source());
        settings.setMaximumPoolSize(3);
        try (HikariDataSource pool = new HikariDataSource(settings);
                BatchingConsumer consumer = pipeline.consumer(HeartbeatSink.builder(pool)
                                .inTransaction(new Audit<>())
                                .inTransaction((connection, batch) -> {
                                    try (var statement =
                                                    connection.prepareStatement("SELECT * FROM client_daily_stats");
                                            var rows = statement.executeQuery()) {
                                        assertThat(rows.getMetaData().getColumnCount())
                                                .isPositive();
                                    }
                                })
                                .build())
                        .start()) {
            for (int i = 0; i < 8; i++) {
                pipeline.publish(5);
                pipeline.awaitEnd();
            }
            pipeline.database().execute(ADD_COLUMN);
            pipeline.publish(10);
            pipeline.awaitEnd();
            assertThat(consumer.snapshot().counts().retries()).isPositive();
        }
        assertThat(pipeline.database().count("dead_letters")).isZero();
        pipeline.assertApplied(50);
    }
}

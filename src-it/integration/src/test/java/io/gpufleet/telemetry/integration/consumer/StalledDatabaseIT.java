package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.TelemetryEvent.PartitionsRevoked;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** A database that stalls, is down, or lacks a table: nothing is lost, skipped or written twice. */
@TelemetryStackTest
final class StalledDatabaseIT {
    private static PostgresServer postgres;

    @BeforeAll
    static void start() {
        postgres = PostgresServer.builder().start();
    }

    @AfterAll
    static void end() {
        postgres.close();
    }

    @Test
    void suspendedDatabase_isWaitedFor(TelemetryStack stack) {
        Pipeline pipeline = create(stack, "suspended-database");
        pipeline.publish(500);
        RecordedEvents events = new RecordedEvents();
        try (BatchingConsumer consumer = pipeline.consumer()
                .listener(events)
                .overrides(Map.of("max.poll.interval.ms", 4000))
                .start()) {
            pipeline.awaitEnd();
            postgres.suspend();
            try {
                pipeline.publish(500);
                Pipeline.awaitHealth(consumer, Health.Status.DEGRADED);
                pipeline.publish(500);
                Await.until(
                        "the records of later polls are taken while the write stands",
                        Pipeline.LIMIT,
                        () -> consumer.snapshot().counts().recordsPolled(),
                        polled -> polled == 1500);
            } finally {
                postgres.resume();
            }
            pipeline.awaitEnd();
            Pipeline.awaitHealth(consumer, Health.Status.UP);
        }
        assertThat(events.of(PartitionsRevoked.class))
                .as("taken away before the end")
                .allMatch(revoked -> !revoked.lost())
                .hasSizeLessThanOrEqualTo(1);
        pipeline.assertApplied(1500);
    }

    /** A hanging call to the database cannot be ended, but does not stop the host from ending. */
    @Test
    void close_whileTheDatabaseIsSuspended_keepsItsLimit(TelemetryStack stack) {
        Pipeline pipeline = create(stack, "closed-while-suspended");
        pipeline.publish(500);
        BatchingConsumer consumer = pipeline.consumer().start();
        pipeline.awaitEnd();
        postgres.suspend();
        try {
            pipeline.publish(300);
            Await.until(
                    "the records are buffered",
                    Pipeline.LIMIT,
                    () -> consumer.snapshot().counts().recordsPolled(),
                    polled -> polled == 800);
            Pipeline.awaitHealth(consumer, Health.Status.DEGRADED);
            long begun = System.nanoTime();
            assertThat(consumer.close(Duration.ofSeconds(2))).isEqualTo(300);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMillis(3_500));
            assertThat(consumer.termination()).isCompleted();
        } finally {
            postgres.resume();
        }
        pipeline.consumeAll();
        pipeline.assertApplied(800);
    }

    @Test
    void restartedDatabase_isWaitedFor(TelemetryStack stack) {
        Pipeline pipeline = create(stack, "restarted-database");
        pipeline.publish(500);
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            pipeline.awaitEnd();
            postgres.stop();
            try {
                pipeline.publish(500);
                Pipeline.awaitHealth(consumer, Health.Status.DEGRADED);
            } finally {
                postgres.start();
            }
            pipeline.awaitEnd();
            Pipeline.awaitHealth(consumer, Health.Status.UP);
            assertThat(consumer.snapshot().counts().retries()).isPositive();
        }
        pipeline.assertApplied(1000);
    }

    /** 64 records take 640 ms, and no statement may take more than 250. */
    @Test
    void batchThatTakesTooLong_isHalvedUntilItDoesNot(TelemetryStack stack) {
        Pipeline pipeline = create(stack, "too-long");
        pipeline.publish(64);
        Queue<Integer> written = new ConcurrentLinkedQueue<>();
        try (BatchingConsumer consumer = pipeline.consumer(
                        HeartbeatSink.builder(pipeline.database().source())
                                .statementTimeout(Duration.ofMillis(250))
                                .inTransaction((connection, batch) ->
                                        sleep(connection, batch.deliveries().size()))
                                .inTransaction(new Audit<>())
                                .inTransaction((connection, batch) ->
                                        written.add(batch.deliveries().size()))
                                .build())
                .batching(BatchPolicy.builder()
                        .maxRecords(64)
                        .linger(Duration.ofSeconds(2))
                        .build())
                .start()) {
            pipeline.awaitEnd();
            assertThat(consumer.snapshot().counts().deadLetters()).isZero();
        }
        pipeline.assertApplied(64);
        assertThat(written).allMatch(records -> records <= 25);
    }

    private static void sleep(Connection connection, int records) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_sleep(" + records + " * 0.01)");
        }
    }

    @Test
    void missingTable_stopsTheConsumerAndSkipsNothing(TelemetryStack stack) {
        Pipeline pipeline = create(stack, "missing-table");
        pipeline.publish(200);
        BatchingConsumer consumer = pipeline.consumer().start();
        pipeline.awaitEnd();
        pipeline.database().execute("ALTER TABLE client_daily_stats RENAME TO taken_away");
        pipeline.publish(300);
        assertThatThrownBy(() -> consumer.termination().get(30, TimeUnit.SECONDS))
                .hasMessageContaining("Writing failed 3 times and cannot succeed")
                .hasMessageContaining("client_daily_stats");
        assertThat(consumer.health().status()).isEqualTo(Health.Status.DOWN);
        assertThat(consumer.snapshot().counts().retries()).isEqualTo(2);
        assertThat(pipeline.database().count("heartbeat")).isEqualTo(200);
        pipeline.database().execute("ALTER TABLE taken_away RENAME TO client_daily_stats");
        pipeline.consumeAll();
        pipeline.assertApplied(500);
    }

    @Test
    void withdrawnLogin_stopsTheConsumerAndSkipsNothing(TelemetryStack stack) throws SQLException {
        Pipeline pipeline = create(stack, "withdrawn-login");
        pipeline.database().execute("CREATE ROLE consumer LOGIN IN ROLE pg_read_all_data, pg_write_all_data");
        PGSimpleDataSource asConsumer = new PGSimpleDataSource();
        asConsumer.setUrl(((PGSimpleDataSource) pipeline.database().source()).getUrl());
        asConsumer.setUser("consumer");
        pipeline.publish(200);
        BatchingConsumer consumer = pipeline.consumer(HeartbeatSink.builder(asConsumer)
                        .inTransaction(new Audit<>())
                        .build())
                .start();
        pipeline.awaitEnd();
        pipeline.database().execute("ALTER ROLE consumer NOLOGIN");
        pipeline.publish(300);
        assertThatThrownBy(() -> consumer.termination().get(30, TimeUnit.SECONDS))
                .hasMessageContaining("Writing failed 3 times and cannot succeed")
                .hasMessageContaining("not permitted to log in");
        assertThat(pipeline.database().count("heartbeat")).isEqualTo(200);
        pipeline.consumeAll();
        pipeline.assertApplied(500);
    }

    private static Pipeline create(TelemetryStack stack, String topic) {
        stack.createTopic(topic, 2);
        return new Pipeline(stack.kafka(), Database.of(postgres), topic);
    }
}

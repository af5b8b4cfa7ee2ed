package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import io.gpufleet.telemetry.jdbc.gpu.CompactionJob;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Writes through a PgBouncer that shares two sessions of the server by transaction. */
@TelemetryStackTest
@EnabledIfSystemProperty(
        named = PgBouncer.PROGRAM,
        matches = ".+",
        disabledReason = "no PgBouncer is given: -D" + PgBouncer.PROGRAM + "=<its program>")
final class PgBouncerIT {
    private static final String UNPREPARED = "&prepareThreshold=0";
    private static final int LANES = 4;

    @TempDir
    private static Path directory;

    private static PostgresServer postgres;
    private static Proxy bouncer;

    private final PostgresDatabase database = postgres.newDatabase();

    @BeforeAll
    static void start() throws IOException {
        postgres = PostgresServer.builder().start();
        bouncer = PgBouncer.start(postgres, directory);
    }

    @AfterAll
    static void end() {
        bouncer.close();
        postgres.close();
    }

    @Test
    void lanesThatShareSessions_areExact(TelemetryStack stack) {
        Pipeline pipeline = create(stack, "shared-sessions");
        pipeline.publish(5000);
        try (HikariDataSource pool = pool(UNPREPARED);
                BatchingConsumer first = start(pipeline, pool);
                BatchingConsumer second = start(pipeline, pool)) {
            pipeline.publish(5000);
            pipeline.awaitEnd();
            assertThat(first.snapshot().counts().retries()).isZero();
            assertThat(second.snapshot().counts().retries()).isZero();
        }
        pipeline.assertApplied(10_000);
    }

    @Test
    void killedPooler_losesAndDoublesNothing(TelemetryStack stack) throws IOException {
        Pipeline pipeline = create(stack, "killed-pooler");
        Valve<Heartbeat> valve = new Valve<>();
        try (HikariDataSource pool = pool(UNPREPARED);
                BatchingConsumer consumer = pipeline.consumer(
                                sink(pool).inTransaction(valve).build())
                        .concurrency(LANES)
                        .start()) {
            for (int round = 1; round <= 3; round++) {
                valve.close();
                pipeline.publish(500);
                valve.awaitHeld(2);
                restartPooler();
                valve.open();
                pipeline.awaitEnd();
                long before = pipeline.database().count("audit");
                pipeline.publish(2000);
                Await.until(
                        "some are applied",
                        Pipeline.LIMIT,
                        () -> pipeline.database().count("audit") > before);
                restartPooler();
                pipeline.awaitEnd();
            }
            assertThat(consumer.snapshot().counts().retries()).isPositive();
        }
        pipeline.assertApplied(7500);
    }

    private static void restartPooler() throws IOException {
        bouncer.kill();
        bouncer.start();
    }

    @Test
    void restartedDatabase_isWaitedForBehindThePooler(TelemetryStack stack) {
        Pipeline pipeline = create(stack, "restarted-behind-pooler");
        try (HikariDataSource pool = pool(UNPREPARED);
                BatchingConsumer consumer = start(pipeline, pool)) {
            pipeline.publish(500);
            pipeline.awaitEnd();
            postgres.kill();
            pipeline.publish(500);
            Await.until(
                    "writing fails",
                    Pipeline.LIMIT,
                    () -> consumer.snapshot().counts().retries() > 0);
            postgres.start();
            pipeline.awaitEnd();
        }
        pipeline.assertApplied(1000);
    }

    @Test
    void preparedStatements_stopTheConsumerAndSetNothingAside(TelemetryStack stack) throws Exception {
        Pipeline pipeline = create(stack, "prepared");
        try (HikariDataSource pool = pool("")) {
            BatchingConsumer consumer = start(pipeline, pool);
            pipeline.publish(100);
            restartPooler();
            occupyStatementNames();
            pipeline.publish(5000);
            assertThatThrownBy(() -> consumer.termination().get(60, TimeUnit.SECONDS))
                    .hasMessageContaining("prepared statement")
                    .hasMessageContaining("prepareThreshold=0");
        }
        assertThat(pipeline.database().count("dead_letters")).isZero();
        try (HikariDataSource pool = pool(UNPREPARED);
                BatchingConsumer consumer = start(pipeline, pool)) {
            pipeline.awaitEnd();
        }
        pipeline.assertApplied(5100);
    }

    @Test
    void preparedStatements_areNamedAtTheStart(TelemetryStack stack) throws SQLException {
        Pipeline pipeline = create(stack, "prepared-start");
        occupyStatementNames();
        try (HikariDataSource pool = pool("")) {
            assertThatThrownBy(() -> start(pipeline, pool))
                    .isInstanceOf(TelemetryException.class)
                    .hasMessageContaining("prepareThreshold=0");
        }
    }

    /** Another client of the pooler has prepared statements in both sessions, under pgjdbc's names. */
    private void occupyStatementNames() throws SQLException {
        try (HikariDataSource pool = pool(UNPREPARED);
                Connection first = pool.getConnection();
                Connection second = pool.getConnection()) {
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            occupyStatementNames(first);
            occupyStatementNames(second);
            first.commit();
            second.commit();
        }
    }

    private static void occupyStatementNames(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DEALLOCATE ALL");
            for (int number = 1; number <= 100; number++) {
                statement.execute("PREPARE \"S_" + number + "\" AS SELECT 1");
            }
        }
    }

    /** The sessions of other clients keep their settings, and a lock is not waited for without a limit. */
    @Test
    void compaction_leavesNothingInTheSessionsOfOthers() throws SQLException {
        Database direct = Database.installGpuSamples(database);
        direct.execute("CREATE TABLE gpu_sample_20260301 PARTITION OF gpu_sample FOR VALUES FROM"
                + " ('2026-03-01 00:00+00') TO ('2026-03-02 00:00+00')");
        direct.execute(
                "INSERT INTO gpu_sample SELECT timestamptz '2026-03-01 11:00+00' + n * interval '1 second', 0, n,"
                        + " 7, 1, 150, '', 0, 0 FROM generate_series(1, 1000) AS n");
        try (HikariDataSource pool = pool(UNPREPARED);
                Connection other = database.dataSource().getConnection();
                Statement lock = other.createStatement()) {
            other.setAutoCommit(false);
            lock.execute("LOCK TABLE gpu_sample_20260301 IN SHARE UPDATE EXCLUSIVE MODE");
            CompactionJob job = CompactionJob.builder(pool).build();
            assertThat(job.runOnce().days().get(0).waiting())
                    .hasValueSatisfying(reason -> assertThat(reason).contains("held by pid "));
            other.rollback();
            assertThat(job.runOnce().days().get(0).waiting()).isEmpty();
            assertThat(timeouts(pool)).isEqualTo("0 0 0 0");
        }
    }

    /** Returns the time limits of both sessions. */
    private static String timeouts(HikariDataSource pool) throws SQLException {
        try (Connection first = pool.getConnection();
                Connection second = pool.getConnection()) {
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            String timeouts = timeouts(first) + " " + timeouts(second);
            first.commit();
            second.commit();
            return timeouts;
        }
    }

    private static String timeouts(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout')")) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void settings_areReadAgainWhereNoNotificationComesThrough() {
        TelemetrySchema.create(database.dataSource()).install();
        Database direct = Database.install(database);
        direct.execute("INSERT INTO pipeline_consumer_configs (service_name, consumer_group_id, max_poll_records)"
                + " VALUES ('s', 'g', 1)");
        try (HikariDataSource pool = pool(UNPREPARED);
                ConsumerConfigLoader loader = ConsumerConfigLoader.create(pool)) {
            assertThat(loader.load("s").maxPollRecords()).isEqualTo(1);
            direct.execute("UPDATE pipeline_consumer_configs SET max_poll_records = 2");
            Await.until(
                    "the change is taken",
                    Duration.ofSeconds(30),
                    () -> loader.load("s").maxPollRecords() == 2);
            direct.execute("UPDATE pipeline_consumer_configs SET max_poll_records = 3");
            Await.until(
                    "the next one is taken",
                    Duration.ofSeconds(30),
                    () -> loader.load("s").maxPollRecords() == 3);
            assertThat(loader.isListening()).isFalse();
        }
    }

    @Test
    void startupParameterThatThePoolerRefuses_isNamed() {
        try (HikariDataSource pool = pool(UNPREPARED + "&currentSchema=telemetry")) {
            assertThatThrownBy(() -> TelemetrySchema.create(pool).verify())
                    .hasMessageContaining("unsupported startup parameter: search_path");
        }
    }

    /** Therefore the schema should be installed without the pooler. */
    @Test
    void install_worksButLeavesItsSearchPathToOthers() throws SQLException {
        try (HikariDataSource pool = pool(UNPREPARED)) {
            TelemetrySchema.builder(pool).schema("telemetry").build().install();
            try (Connection first = pool.getConnection();
                    Connection second = pool.getConnection()) {
                first.setAutoCommit(false);
                second.setAutoCommit(false);
                assertThat(searchPath(first) + searchPath(second)).contains("telemetry");
            }
        }
    }

    private static String searchPath(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SHOW search_path")) {
            result.next();
            return result.getString(1);
        }
    }

    private Pipeline create(TelemetryStack stack, String topic) {
        stack.createTopic(topic, LANES);
        return new Pipeline(stack.kafka(), Database.install(database), topic);
    }

    private static BatchingConsumer start(Pipeline pipeline, HikariDataSource pool) {
        return pipeline.consumer(sink(pool).build()).concurrency(LANES).start();
    }

    private static PostgresSink.Builder<Heartbeat> sink(HikariDataSource pool) {
        return HeartbeatSink.builder(pool).inTransaction(new Audit<>());
    }

    private HikariDataSource pool(String parameters) {
        HikariConfig settings = new HikariConfig();
        settings.setJdbcUrl(bouncer.jdbcUrl(database.name(), parameters));
        settings.setMaximumPoolSize(LANES + 2);
        settings.setConnectionTimeout(5_000);
        settings.setInitializationFailTimeout(-1);
        return new HikariDataSource(settings);
    }
}

package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * What keeps the space of a compacted day, each named with its remedy. A server of its own has prepared transactions.
 */
final class CompactionObstaclesTest {
    private static PostgresServer server;

    private CompactionFixture samples;
    private Database database;

    @BeforeAll
    static void start() {
        server = PostgresServer.builder()
                .setting("max_prepared_transactions", "5")
                .start();
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @BeforeEach
    void create() {
        PostgresDatabase created = server.newDatabase();
        TelemetrySchema.builder(created.dataSource())
                .gpuSamples(GpuLayout.NUMBERED)
                .build()
                .install();
        database = new Database(created.jdbcUrl());
        samples = new CompactionFixture(database).with(CompactionFixture.DAY).insert(2, "2026-03-01 11:50+00", 120);
    }

    private String waiting() {
        return samples.job()
                .lockTimeout(Duration.ofMillis(300))
                .build()
                .runOnce()
                .days()
                .get(0)
                .waiting()
                .orElse("");
    }

    private void prepare(String statement, String name) throws SQLException {
        try (Connection connection = database.newConnections().getConnection();
                Statement prepared = connection.createStatement()) {
            prepared.execute("BEGIN");
            prepared.execute(statement);
            prepared.execute("PREPARE TRANSACTION '" + name + "'");
        }
    }

    @Test
    void runOnce_namesAPreparedTransaction() throws SQLException {
        prepare("CREATE TABLE other (n integer)", "forgotten");
        assertThat(waiting())
                .startsWith("an older transaction may still see rows of public.gpu_sample_20260301: prepared"
                        + " transaction 'forgotten' of postgres, since ")
                .endsWith("; run COMMIT PREPARED 'forgotten' or ROLLBACK PREPARED 'forgotten'");
        database.execute("ROLLBACK PREPARED 'forgotten'");
        assertThat(waiting()).isEmpty();
    }

    @Test
    void runOnce_namesAPreparedTransactionThatHoldsALock() throws SQLException {
        prepare("SELECT 1 FROM gpu_sample_20260301", "forgotten");
        assertThat(waiting()).contains("55P03").endsWith("; held by prepared transaction 'forgotten'");
        database.execute("ROLLBACK PREPARED 'forgotten'");
        assertThat(waiting()).isEmpty();
    }

    /** A transaction that has written once keeps rows without a snapshot. */
    @Test
    void runOnce_namesAnIdleTransaction() throws SQLException {
        try (Connection idle = database.newConnections().getConnection();
                Statement statement = idle.createStatement()) {
            idle.setAutoCommit(false);
            statement.execute("CREATE TABLE other (n integer)");
            assertThat(waiting())
                    .contains(": pid " + idle.unwrap(PGConnection.class).getBackendPID() + " (", "), transaction ")
                    .endsWith("; end it, or wait for its end");
            idle.rollback();
        }
        assertThat(waiting()).isEmpty();
    }

    @Test
    void runOnce_namesTheTimeLimitThatEndsAVacuum() {
        database.execute("CREATE ROLE hurried LOGIN SUPERUSER; ALTER ROLE hurried SET vacuum_cost_delay = '100ms';"
                + " ALTER ROLE hurried SET vacuum_cost_limit = 1; ALTER ROLE hurried SET statement_timeout = '400ms'");
        PGSimpleDataSource hurried = new PGSimpleDataSource();
        hurried.setUrl(database.url());
        hurried.setUser("hurried");
        CompactionJob.DayResult day =
                samples.job(hurried).build().runOnce().days().get(0);
        assertThat(day.samples()).isEqualTo(720);
        assertThat(day.waiting().orElse(""))
                .contains("57014")
                .endsWith("; statement_timeout of role hurried is 400 ms: run ALTER ROLE hurried SET statement_timeout"
                        + " = 0");
        assertThat(waiting()).isEmpty();
    }
}

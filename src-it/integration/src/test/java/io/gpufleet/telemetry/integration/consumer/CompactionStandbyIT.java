package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.CompactionJob;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A reader of a standby with hot_standby_feedback keeps the rows of a compacted day, with a slot and without. */
final class CompactionStandbyIT {
    private ServerPair servers;

    @BeforeEach
    void start() throws SQLException {
        servers = new ServerPair();
        TelemetrySchema.builder(servers.first().dataSource())
                .gpuSamples(GpuLayout.NUMBERED)
                .build()
                .install();
        execute(
                servers.first(),
                "CREATE TABLE gpu_sample_20260301 PARTITION OF gpu_sample FOR VALUES FROM ('2026-03-01 00:00+00')"
                        + " TO ('2026-03-02 00:00+00')",
                "INSERT INTO gpu_sample SELECT timestamptz '2026-03-01 11:00+00'"
                        + " + n * interval '1 second', 0, n, 7, 1, 150, '', 0, 0 FROM generate_series(1, 1000) AS n");
        servers.awaitStandby();
    }

    @AfterEach
    void end() {
        servers.close();
    }

    private static void execute(PostgresServer server, String... commands) throws SQLException {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String command : commands) {
                statement.execute(command);
            }
        }
    }

    /** Has the standby tell the first server of its readers, through a slot or without. */
    private void sendFeedback(String slot) throws SQLException {
        execute(
                servers.second(),
                "ALTER SYSTEM SET hot_standby_feedback = on",
                "ALTER SYSTEM SET wal_receiver_status_interval = '1s'",
                "ALTER SYSTEM SET primary_slot_name = '" + slot + "'",
                "SELECT pg_reload_conf()");
    }

    private boolean isOnTheFirst(String condition) throws SQLException {
        try (Connection connection = servers.first().dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT 1 FROM " + condition + ")")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private Optional<String> waiting() {
        return CompactionJob.builder(servers.first().dataSource())
                .lockTimeout(Duration.ofMillis(300))
                .build()
                .runOnce()
                .days()
                .get(0)
                .waiting();
    }

    /** Returns the reason while a reader of the standby has a snapshot that the first server knows of. */
    private String waitingForAReader(String condition) throws SQLException {
        try (Connection reader = servers.second().dataSource().getConnection();
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.execute("SELECT count(*) FROM gpu_sample");
            Await.until("the first server knows the snapshot", Pipeline.LIMIT, () -> isOnTheFirst(condition));
            String reason = waiting().orElse("");
            reader.rollback();
            return reason;
        }
    }

    private void assertComesBack() {
        Await.until("the space is given back", Pipeline.LIMIT, () -> waiting().isEmpty());
    }

    @Test
    void runOnce_namesAStandby() throws SQLException {
        sendFeedback("");
        assertThat(waitingForAReader("pg_stat_replication WHERE backend_xmin IS NOT NULL"))
                .startsWith("an older transaction may still see rows of public.gpu_sample_20260301: standby ")
                .endsWith("by hot_standby_feedback; end its oldest query, or set hot_standby_feedback to off there");
        assertComesBack();
    }

    @Test
    void runOnce_namesASlot() throws SQLException {
        execute(servers.first(), "SELECT pg_create_physical_replication_slot('reader')");
        sendFeedback("reader");
        assertThat(waitingForAReader("pg_replication_slots WHERE xmin IS NOT NULL"))
                .contains(": active replication slot reader, xmin ")
                .endsWith("; end the oldest query of its standby, or set hot_standby_feedback to off there");
        assertComesBack();
    }
}

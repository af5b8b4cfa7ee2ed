package io.gpufleet.telemetry.integration.consumer;

import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Two servers, the second a hot standby of the first. Belongs to the thread of the test. */
final class ServerPair implements AutoCloseable {
    private static final String STANDBY_SIGNAL = "DO $$ BEGIN"
            + " EXECUTE format('COPY (SELECT 1) TO %L', current_setting('data_directory') || '/standby.signal'); END $$";

    private final PostgresServer first;
    private final PostgresServer second;

    ServerPair() throws SQLException {
        first = PostgresServer.builder().start();
        second = PostgresServer.builder()
                .setting("primary_conninfo", "host=127.0.0.1 user=postgres port=" + first.port())
                .start();
        follow();
    }

    /** Both start as standbys on the same data, and the first is promoted. */
    private void follow() throws SQLException {
        execute(first, STANDBY_SIGNAL);
        first.stop();
        second.stop();
        second.restore(first.snapshot());
        first.start();
        promote(first);
        second.start();
    }

    PostgresServer first() {
        return first;
    }

    PostgresServer second() {
        return second;
    }

    /** Makes the first server read-only, in its open sessions too. */
    void demoteFirst() throws SQLException {
        execute(first, "ALTER SYSTEM SET default_transaction_read_only = on");
        execute(first, "SELECT pg_reload_conf()");
    }

    /** Promotes the second server, once it has all data of the first. */
    void promoteSecond() throws SQLException {
        awaitStandby();
        promote(second);
    }

    /** Waits until the standby has all current data of the first server. */
    void awaitStandby() throws SQLException {
        String end = query(first, "SELECT pg_current_wal_lsn()");
        Await.until(
                "the standby is at " + end,
                Pipeline.LIMIT,
                () -> query(second, "SELECT pg_last_wal_replay_lsn() >= '" + end + "'"),
                "t"::equals);
    }

    /** Makes the standby fall behind. */
    void pauseReplay() throws SQLException {
        execute(second, "SELECT pg_wal_replay_pause()");
    }

    private static void promote(PostgresServer server) throws SQLException {
        execute(server, "SELECT pg_promote()");
    }

    private static void execute(PostgresServer server, String sql) throws SQLException {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(PostgresServer server, String sql) throws SQLException {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}

package io.gpufleet.telemetry.integration.consumer;

import io.gpufleet.telemetry.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Two servers, of which one takes writes at first and the other later. The second is no replica: it gets the data of
 * the first when these do not change. Belongs to the thread of the test.
 */
final class ServerPair implements AutoCloseable {
    private final PostgresServer first;
    private final PostgresServer second;

    ServerPair() throws SQLException {
        first = PostgresServer.builder().start();
        second = PostgresServer.builder().start();
        readOnly(second, true);
    }

    PostgresServer first() {
        return first;
    }

    PostgresServer second() {
        return second;
    }

    /** Makes the second server a copy of the first; it goes on to read only. */
    void copy() throws SQLException {
        first.stop();
        second.stop();
        second.restore(first.snapshot());
        first.start();
        second.start();
        readOnly(second, true);
    }

    /** Lets the first server only read from now on, in the sessions that it has, too. */
    void demoteFirst() throws SQLException {
        readOnly(first, true);
    }

    void promoteSecond() throws SQLException {
        readOnly(second, false);
    }

    private static void readOnly(PostgresServer server, boolean only) throws SQLException {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER SYSTEM SET default_transaction_read_only = " + only);
            statement.execute("SELECT pg_reload_conf()");
        }
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}

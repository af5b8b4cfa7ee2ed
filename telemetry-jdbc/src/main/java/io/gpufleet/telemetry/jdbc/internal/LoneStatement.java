package io.gpufleet.telemetry.jdbc.internal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Optional;

/**
 * A statement that must not run in a transaction, such as {@code VACUUM}. The connection goes back with its original
 * settings, or is aborted. Belongs to one thread.
 */
final class LoneStatement {
    private final Connection connection;
    private final TransactionTimeouts timeouts;

    LoneStatement(Connection connection, TransactionTimeouts timeouts) {
        this.connection = connection;
        this.timeouts = timeouts;
    }

    /** The restoration of a setting; its failure is suppressed behind that of the statement. */
    private interface Restoration extends AutoCloseable {
        @Override
        void close() throws SQLException;
    }

    /** Runs a statement, and returns the server's first warning. */
    Optional<String> run(String sql) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        int networkMillis = connection.getNetworkTimeout();
        Restoration restoration = restoration(() -> {
            connection.setAutoCommit(autoCommit);
            connection.setNetworkTimeout(Runnable::run, networkMillis);
        });
        try (restoration) {
            connection.setNetworkTimeout(Runnable::run, timeouts.networkMillis());
            connection.setAutoCommit(true);
            return runLimited(sql);
        }
    }

    private Restoration restoration(Restoration settings) {
        return () -> {
            try {
                settings.close();
            } catch (SQLException | RuntimeException e) {
                connection.abort(Runnable::run);
                throw e;
            }
        };
    }

    private Optional<String> runLimited(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            String before = settings(statement);
            Restoration restoration = restoration(() -> statement.execute(before));
            try (restoration) {
                statement.execute(settings(
                        timeouts.lock().toMillis(), timeouts.statement().toMillis()));
                statement.clearWarnings();
                statement.execute(sql);
                return Optional.ofNullable(statement.getWarnings()).map(SQLWarning::getMessage);
            }
        }
    }

    /** Returns the statement that restores the current limits, which the host may have set. */
    private static String settings(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT sum(setting::bigint) FILTER (WHERE name = 'lock_timeout'),"
                + " sum(setting::bigint) FILTER (WHERE name = 'statement_timeout') FROM pg_settings")) {
            row.next();
            return settings(row.getLong(1), row.getLong(2));
        }
    }

    private static String settings(long lockMillis, long statementMillis) {
        return "SET lock_timeout = " + lockMillis + "; SET statement_timeout = " + statementMillis;
    }
}

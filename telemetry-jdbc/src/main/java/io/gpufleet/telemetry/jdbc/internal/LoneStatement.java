package io.gpufleet.telemetry.jdbc.internal;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Optional;

/**
 * A statement that must not run in a transaction, such as {@code VACUUM}. It sets nothing in the session: a pooler may
 * run each statement in another one, which other clients share. Belongs to one thread.
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
        try (restoration;
                Statement statement = connection.createStatement()) {
            connection.setNetworkTimeout(Runnable::run, timeouts.networkMillis());
            connection.setAutoCommit(true);
            statement.execute(sql);
            return Optional.ofNullable(statement.getWarnings()).map(SQLWarning::getMessage);
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
}

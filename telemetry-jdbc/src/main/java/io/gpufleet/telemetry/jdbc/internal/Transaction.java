package io.gpufleet.telemetry.jdbc.internal;

import io.gpufleet.telemetry.internal.HostFault;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * A connection during one transaction. However the transaction ends, the connection goes back with its original
 * settings, or is aborted. Belongs to one thread.
 */
final class Transaction {
    private final Connection connection;
    private final TransactionTimeouts timeouts;
    private final String begin;
    private boolean autoCommit = true;
    private int networkMillis;
    private boolean begun;
    private Optional<String> role = Optional.empty();

    Transaction(Connection connection, TransactionTimeouts timeouts, String begin) {
        this.connection = connection;
        this.timeouts = timeouts;
        this.begin = begin;
    }

    <R> R call(Transactions.Work<R> work) throws SQLException {
        R result;
        try {
            begin();
            result = work.run(connection);
            commit();
        } catch (Throwable t) {
            undo(t);
            release(t);
            throw t;
        }
        release();
        return result;
    }

    private void begin() throws SQLException {
        autoCommit = connection.getAutoCommit();
        networkMillis = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, timeouts.networkMillis());
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(begin);
        }
        begun = true;
    }

    boolean hasBegun() {
        return begun;
    }

    /**
     * Commits. A value that only the commit refuses violates a deferred constraint, which only a host's table can have.
     */
    private void commit() {
        try {
            connection.commit();
        } catch (SQLException e) {
            throw SqlFailure.toSinkException("commit", true, e);
        }
    }

    private void undo(Throwable failure) {
        if (SqlFailure.isMissingRight(failure)) {
            rememberRole(failure);
        }
        try {
            if (SqlFailure.spoilsConnection(failure)) {
                connection.abort(Runnable::run);
            } else if (!connection.isClosed()) {
                connection.rollback();
            }
        } catch (Throwable e) {
            suppress(failure, e);
            abort(failure);
        }
    }

    private void rememberRole(Throwable failure) {
        try {
            role = Optional.ofNullable(connection.getMetaData().getUserName());
        } catch (Throwable e) {
            suppress(failure, e);
        }
    }

    /** Returns the role that lacked a right; absent if none did. */
    Optional<String> role() {
        return role;
    }

    /** Suppresses a later failure, unless it is the same object: a pool or driver may throw one object twice. */
    private static void suppress(Throwable failure, Throwable later) {
        if (later != failure) {
            failure.addSuppressed(later);
        }
    }

    private void abort(Throwable failure) {
        try {
            connection.abort(Runnable::run);
        } catch (Throwable e) {
            suppress(failure, e);
        }
    }

    private void release(Throwable failure) {
        try {
            restoreAndClose();
        } catch (Throwable e) {
            suppress(failure, e);
            abort(failure);
        }
    }

    /** Gives the connection back; what was committed stays written even if this fails. */
    private void release() {
        try {
            restoreAndClose();
        } catch (Throwable e) {
            abort(e);
            HostFault.requireOwn(e);
        }
    }

    private void restoreAndClose() throws SQLException {
        try (connection) {
            if (!connection.isClosed()) {
                connection.setAutoCommit(autoCommit);
                connection.setNetworkTimeout(Runnable::run, networkMillis);
            }
        }
    }
}

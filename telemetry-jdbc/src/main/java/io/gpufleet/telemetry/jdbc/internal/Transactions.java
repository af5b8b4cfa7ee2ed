package io.gpufleet.telemetry.jdbc.internal;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.internal.OwnThread;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.JdbiException;

/**
 * The runner of work in transactions: one connection, read committed, bounded by timeouts, committed or rolled back,
 * whatever the pool's defaults are. Thread-safe.
 */
public final class Transactions {
    private final DataSource dataSource;
    private final TransactionTimeouts timeouts;
    private final String begin;

    public Transactions(DataSource dataSource, TransactionTimeouts timeouts) {
        this(dataSource, timeouts, timeouts.begin());
    }

    private Transactions(DataSource dataSource, TransactionTimeouts timeouts, String begin) {
        this.dataSource = dataSource;
        this.timeouts = timeouts;
        this.begin = begin;
    }

    /** Returns a runner of read-only work, whose statements all see one state of the database. */
    public static Transactions reading(DataSource dataSource, TransactionTimeouts timeouts) {
        return new Transactions(dataSource, timeouts, timeouts.beginReading());
    }

    /** The work of a transaction. */
    @FunctionalInterface
    public interface Work<R> {
        R run(Connection connection) throws SQLException;
    }

    /**
     * Runs work and commits it.
     *
     * @param what the subject of the work, such as "consumer_offsets", with which error messages begin
     * @param work the work
     * @return its result
     * @throws SinkException if the database fails; nothing was written, unless the commit itself failed
     */
    public <R> R call(String what, Work<R> work) {
        Transaction transaction = new Transaction(connect(what), timeouts, begin);
        try {
            return transaction.call(work);
        } catch (SQLException e) {
            throw transaction.hasBegun()
                    ? SqlFailure.toSinkException(what, false, e, transaction.role())
                    : noConnection(what, e);
        } catch (JdbiException e) {
            throw SqlFailure.toSinkException(
                    what, false, SqlFailure.behind(e).orElseThrow(() -> e), transaction.role());
        } catch (RuntimeException e) {
            throw transaction.hasBegun() ? e : noConnection(what, e);
        }
    }

    /**
     * Runs a statement that must not run in a transaction. No limit of the server holds for it, only the client's wait
     * for its answer.
     *
     * @param what the subject of the work
     * @param sql the statement
     * @return the server's first warning
     * @throws SinkException if the database fails
     */
    public Optional<String> runAlone(String what, String sql) {
        try (Connection connection = connect(what)) {
            return new LoneStatement(connection, timeouts).run(sql);
        } catch (SQLException e) {
            throw SqlFailure.toSinkException(what, false, e);
        }
    }

    private Connection connect(String what) {
        OwnThread.beginWait("a database connection");
        try {
            Connection connection = dataSource.getConnection();
            if (connection == null) {
                throw new SQLException("pool returned null instead of a connection");
            }
            return connection;
        } catch (SQLException | RuntimeException e) {
            throw noConnection(what, e);
        } finally {
            OwnThread.endWait();
        }
    }

    /**
     * Returns the failure for a connection on which nothing can begin: some pools connect only then, or hand out a
     * closed one.
     */
    private SinkException noConnection(String what, Exception failure) {
        return SqlFailure.noConnection(what, ClosedPool.is(dataSource), failure);
    }
}

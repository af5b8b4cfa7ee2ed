package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import javax.sql.ConnectionEvent;
import javax.sql.ConnectionEventListener;
import javax.sql.DataSource;
import javax.sql.PooledConnection;
import org.postgresql.ds.PGConnectionPoolDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Connections for the statements of tests: closed ones are handed out again.
 *
 * <p>PostgreSQL forks a process for each connection, which costs more than most statements of a test. A connection is
 * as good as a new one ({@code DISCARD ALL}). Eight are kept over all databases of this JVM; beyond these the oldest is
 * closed. A {@code Statement} of a closed connection must not be used. Thread-safe.
 */
public final class ReusedConnections {
    private static final ReusedConnections OF_THIS_JVM = new ReusedConnections();
    private static final int MOST = 8;
    private static final int VALID_WITHIN_SECONDS = 5;

    private final Deque<Idle> idle = new ArrayDeque<>();

    private ReusedConnections() {}

    /**
     * Opens a connection; once closed, it stays in {@code pg_stat_activity} for a while.
     *
     * @param jdbcUrl the database, with user and password: {@link PostgresDatabase#jdbcUrl()}
     * @return a connection that has forgotten earlier sessions
     * @throws SQLException if the server refuses a new one
     */
    public static Connection open(String jdbcUrl) throws SQLException {
        return OF_THIS_JVM.take(requireNonNull(jdbcUrl, "jdbcUrl"));
    }

    /**
     * Returns a source of such connections, as a service has one in its pool.
     *
     * @param jdbcUrl the database, with user and password
     * @return a source whose {@code getConnection()} is {@link #open}
     */
    public static DataSource source(String jdbcUrl) {
        return new Source(requireNonNull(jdbcUrl, "jdbcUrl"));
    }

    /** Ends the idle connections to a database. */
    static void endIdle(String jdbcUrl) {
        for (Optional<PooledConnection> next = OF_THIS_JVM.poll(jdbcUrl);
                next.isPresent();
                next = OF_THIS_JVM.poll(jdbcUrl)) {
            end(next.get());
        }
    }

    private Connection take(String url) throws SQLException {
        for (Optional<PooledConnection> next = poll(url); next.isPresent(); next = poll(url)) {
            Connection connection = next.get().getConnection();
            if (connection.isValid(VALID_WITHIN_SECONDS)) {
                return connection;
            }
            end(next.get());
        }
        return connect(url).getConnection();
    }

    private PooledConnection connect(String url) throws SQLException {
        PGConnectionPoolDataSource source = new PGConnectionPoolDataSource();
        source.setUrl(url);
        // then the name of the application is a part of the login, and survives DISCARD ALL
        source.setAssumeMinServerVersion("9.0");
        PooledConnection connected = source.getPooledConnection();
        connected.addConnectionEventListener(new Return(url));
        return connected;
    }

    /** Rolls back an open transaction, and resets the settings of the session and of the driver. */
    private static void reset(PooledConnection closed) throws SQLException {
        Connection connection = closed.getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("ROLLBACK");
            statement.execute("DISCARD ALL");
        }
        connection.clearWarnings();
        connection.setReadOnly(false);
        connection.setNetworkTimeout(Runnable::run, 0);
    }

    private synchronized Optional<PooledConnection> poll(String url) {
        for (Iterator<Idle> newestFirst = idle.descendingIterator(); newestFirst.hasNext(); ) {
            Idle next = newestFirst.next();
            if (next.url().equals(url)) {
                newestFirst.remove();
                return Optional.of(next.connection());
            }
        }
        return Optional.empty();
    }

    private synchronized Optional<Idle> add(Idle closed) {
        idle.addLast(closed);
        return idle.size() > MOST ? Optional.of(idle.removeFirst()) : Optional.empty();
    }

    private static void end(PooledConnection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // its server is gone, and the session with it
        }
    }

    /** A source of connections whose properties are those of its URL. */
    private static final class Source extends PGSimpleDataSource {
        private static final long serialVersionUID = 1;

        private final String jdbcUrl;

        Source(String jdbcUrl) {
            this.jdbcUrl = jdbcUrl;
            setUrl(jdbcUrl);
        }

        @Override
        public Connection getConnection() throws SQLException {
            return open(jdbcUrl);
        }
    }

    private record Idle(String url, PooledConnection connection) {}

    /** Takes back a connection that its user has closed, and closes one that failed. */
    private final class Return implements ConnectionEventListener {
        private final String url;

        Return(String url) {
            this.url = url;
        }

        @Override
        public void connectionClosed(ConnectionEvent event) {
            PooledConnection closed = (PooledConnection) event.getSource();
            try {
                reset(closed);
                add(new Idle(url, closed)).ifPresent(oldest -> end(oldest.connection()));
            } catch (SQLException e) {
                end(closed);
            }
        }

        @Override
        public void connectionErrorOccurred(ConnectionEvent event) {
            end((PooledConnection) event.getSource());
        }
    }
}

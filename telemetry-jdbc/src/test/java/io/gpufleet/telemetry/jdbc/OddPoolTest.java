package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.Test;

/** Pools with unusual ways to report that they have no connection at the moment. */
final class OddPoolTest {
    private final Database database = PostgresVersion.POSTGRES_18.database();

    /** The way to get a connection. */
    @FunctionalInterface
    private interface Way {
        Connection get(DataSource pool) throws SQLException;
    }

    /** A pool with a replaceable way to return connections. */
    private static final class OddPool extends WrappedDataSource {
        private Way way = DataSource::getConnection;

        private OddPool(DataSource delegate) {
            super(delegate);
        }

        @Override
        public Connection getConnection() throws SQLException {
            return way.get(delegate());
        }
    }

    private SinkException failure(DataSource source, Way way) {
        OddPool pool = new OddPool(source);
        Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(pool), Feed.P0);
        pool.way = way;
        feed.add(heartbeat(1, 1), NOON);
        SinkException failure = catchThrowableOfType(SinkException.class, feed::write);
        assertThat(failure).isNotNull().hasCauseInstanceOf(SQLException.class);
        return failure;
    }

    private SinkException failure(Way way) {
        return failure(database.dataSource(), way);
    }

    private static Connection connection(InvocationHandler calls) {
        return (Connection)
                Proxy.newProxyInstance(OddPoolTest.class.getClassLoader(), new Class<?>[] {Connection.class}, calls);
    }

    @Test
    void poolWithABlankState_isWaitedFor() {
        assertThat(failure(pool -> {
                            throw new SQLException("pool empty", "");
                        })
                        .kind())
                .isEqualTo(Kind.TRANSIENT);
    }

    @Test
    void poolThatThrowsWhatIsNoSqlException_isWaitedFor() {
        assertThat(failure(pool -> {
                    throw new IllegalStateException("pool exhausted");
                }))
                .hasMessageContaining("pool exhausted")
                .extracting(SinkException::kind)
                .isEqualTo(Kind.TRANSIENT);
    }

    @Test
    void poolThatGivesNull_isWaitedFor() {
        assertThat(failure(pool -> null))
                .hasMessageContaining("pool returned null instead of a connection")
                .extracting(SinkException::kind)
                .isEqualTo(Kind.TRANSIENT);
    }

    @Test
    void poolThatGivesAClosedConnection_isWaitedFor() {
        for (Exception closed :
                new Exception[] {new SQLException("Connection is closed"), new IllegalStateException("closed")}) {
            assertThat(failure(pool -> connection((proxy, method, arguments) -> {
                                throw closed;
                            }))
                            .kind())
                    .isEqualTo(Kind.TRANSIENT);
        }
    }

    /** Returns a connection like that of a framework which connects only when there is work. */
    @Test
    void emptyPoolBehindALazyConnection_isWaitedFor() throws SQLException {
        try (BasicDataSource pool = new BasicDataSource()) {
            pool.setUrl(database.url());
            pool.setMaxTotal(1);
            pool.setMaxWait(Duration.ofMillis(100));
            Connection[] taken = new Connection[1];
            SinkException failure = failure(pool, source -> {
                taken[0] = source.getConnection();
                return lazy(source);
            });
            assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
        }
    }

    private static Connection lazy(DataSource source) {
        return connection((proxy, method, arguments) -> {
            if (method.getName().equals("getAutoCommit")) {
                return true;
            }
            Connection target = source.getConnection();
            try {
                return method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }
}

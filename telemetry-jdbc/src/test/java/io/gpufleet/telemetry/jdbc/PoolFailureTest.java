package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The exceptions of pools that return no connection, each of its own kind. */
@ParameterizedClass
@EnumSource(PoolFailureTest.Pool.class)
final class PoolFailureTest {
    private static final int MILLIS = 250;

    enum Pool {
        HIKARI {
            @Override
            DataSource of(String url) {
                HikariConfig settings = new HikariConfig();
                settings.setJdbcUrl(url);
                settings.setMaximumPoolSize(1);
                settings.setConnectionTimeout(MILLIS);
                settings.setInitializationFailTimeout(-1);
                return new HikariDataSource(settings);
            }
        },
        /** Opens with the first connection, and then throws an exception that is not an SQLException. */
        LAZY_HIKARI {
            @Override
            DataSource of(String url) {
                HikariDataSource pool = new HikariDataSource();
                pool.setJdbcUrl(url);
                pool.setMaximumPoolSize(1);
                pool.setConnectionTimeout(MILLIS);
                return pool;
            }
        },
        DBCP {
            @Override
            DataSource of(String url) {
                BasicDataSource pool = new BasicDataSource();
                pool.setUrl(url);
                pool.setMaxTotal(1);
                pool.setMaxWait(Duration.ofMillis(MILLIS));
                return pool;
            }
        },
        TOMCAT {
            @Override
            DataSource of(String url) {
                var pool = new org.apache.tomcat.jdbc.pool.DataSource();
                pool.setDriverClassName("org.postgresql.Driver");
                pool.setUrl(url);
                pool.setInitialSize(0);
                pool.setMaxActive(1);
                pool.setMaxIdle(1);
                pool.setMinIdle(0);
                pool.setMaxWait(MILLIS);
                return pool;
            }

            @Override
            void close(DataSource pool) {
                ((org.apache.tomcat.jdbc.pool.DataSource) pool).close(true);
            }
        };

        abstract DataSource of(String url);

        void close(DataSource pool) throws Exception {
            ((AutoCloseable) pool).close();
        }
    }

    @Parameter
    Pool kind;

    @Test
    void poolWithoutAFreeConnection_isWaitedFor() throws Exception {
        Database database = PostgresVersion.POSTGRES_18.database();
        DataSource pool = kind.of(database.url());
        try {
            Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(pool), Feed.P0);
            feed.add(heartbeat(1, 1), NOON);
            try (Connection taken = pool.getConnection()) {
                assertThat(taken.isClosed()).isFalse();
                assertThat(failure(feed::write).kind()).isEqualTo(Kind.TRANSIENT);
            }
            feed.add(heartbeat(1, 1), NOON).write();
        } finally {
            kind.close(pool);
        }
    }

    @Test
    void databaseThatIsAway_isWaitedFor() throws Exception {
        assertThat(openFailure("jdbc:postgresql://127.0.0.1:1/none").kind()).isEqualTo(Kind.TRANSIENT);
    }

    @Test
    void databaseThatDoesNotExist_isFatal() throws Exception {
        String url = PostgresVersion.POSTGRES_18.server().jdbcUrl().replace("/postgres?", "/none?");
        SinkException failure = openFailure(url);
        assertThat(failure.kind()).isEqualTo(Kind.FATAL);
        assertThat(failure).hasMessageContaining("3D000");
    }

    /** Tomcat's pool opens again by itself. */
    @Test
    void poolThatIsClosed_isFatal() throws Exception {
        Database database = PostgresVersion.POSTGRES_18.database();
        DataSource pool = kind.of(database.url());
        Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(pool), Feed.P0);
        Feed<Heartbeat> wrapped = Feed.open(HeartbeatSink.create(new WatchedDataSource(pool)), Feed.P1);
        kind.close(pool);
        feed.add(heartbeat(1, 1), NOON);
        wrapped.add(heartbeat(1, 1), NOON);
        if (kind == Pool.TOMCAT) {
            feed.write();
            kind.close(pool);
        } else {
            assertThat(failure(feed::write).kind()).isEqualTo(Kind.FATAL);
            assertThat(failure(wrapped::write).kind()).isEqualTo(Kind.FATAL);
        }
    }

    private SinkException openFailure(String url) throws Exception {
        DataSource pool = kind.of(url);
        try {
            return failure(() -> HeartbeatSink.create(pool).open(SinkContext.of("g", TelemetryListener.none())));
        } finally {
            kind.close(pool);
        }
    }

    private static SinkException failure(Runnable call) {
        SinkException failure = catchThrowableOfType(SinkException.class, call::run);
        assertThat(failure).isNotNull().hasCauseInstanceOf(SQLException.class);
        return failure;
    }
}

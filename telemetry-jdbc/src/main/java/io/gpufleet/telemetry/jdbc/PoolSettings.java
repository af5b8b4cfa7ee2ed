package io.gpufleet.telemetry.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.TelemetryException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The check of a pool's settings at the start of its consumer. A pool that is too small is refused, since the consumer
 * would now and then stop without a message. Only HikariCP shows its settings; any other source is accepted.
 */
final class PoolSettings {
    private static final Logger log = LoggerFactory.getLogger(PoolSettings.class);
    private static final String HIKARI = "com.zaxxer.hikari.HikariDataSource";
    private static final int BESIDE_THE_LANES = 2;
    private static final Duration LONG_WAIT = Duration.ofSeconds(10);

    private PoolSettings() {}

    /**
     * Throws if the pool is too small, and logs if it would report an outage late.
     *
     * @param concurrency the number of batches written at once
     */
    static void check(DataSource dataSource, int concurrency) {
        Optional<Hikari> pool = isHikariAvailable() ? Hikari.of(dataSource) : Optional.empty();
        pool.ifPresent(settings -> {
            refuseTooSmall(settings.size(), concurrency);
            adviseOn(settings.connectionTimeout());
        });
    }

    private static void refuseTooSmall(int size, int concurrency) {
        int needed = concurrency + BESIDE_THE_LANES;
        if (size < needed) {
            throw new TelemetryException("Pool has at most " + size + " connections, but a concurrency of "
                    + concurrency + " needs " + needed + ", one for each lane, and " + BESIDE_THE_LANES
                    + ": set maximumPoolSize to " + needed + " or more");
        }
    }

    private static void adviseOn(Duration connectionTimeout) {
        if (connectionTimeout.compareTo(LONG_WAIT) > 0) {
            log.info(
                    "Reason of a database outage is known only when the pool gives up a connection, after {} "
                            + "s: a connectionTimeout of 5 s shows it sooner, and the consumer retries in any case",
                    connectionTimeout.toSeconds());
        }
    }

    /** Returns whether HikariCP is on the class path, without loading the class that needs it. */
    private static boolean isHikariAvailable() {
        try {
            Class.forName(HIKARI, false, PoolSettings.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** The only class that names HikariCP, which is optional. */
    private record Hikari(int size, Duration connectionTimeout) {
        static Optional<Hikari> of(DataSource dataSource) {
            try {
                return dataSource.isWrapperFor(HikariDataSource.class)
                        ? Optional.of(of(dataSource.unwrap(HikariDataSource.class)))
                        : Optional.empty();
            } catch (SQLException e) {
                return Optional.empty();
            }
        }

        private static Hikari of(HikariDataSource pool) {
            return new Hikari(pool.getMaximumPoolSize(), Duration.ofMillis(pool.getConnectionTimeout()));
        }
    }
}

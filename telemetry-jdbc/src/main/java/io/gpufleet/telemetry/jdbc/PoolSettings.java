package io.gpufleet.telemetry.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.TelemetryException;
import java.sql.SQLException;
import java.util.OptionalInt;
import javax.sql.DataSource;

/**
 * Refuses a pool that is too small for its consumer, which would stand still now and then and say nothing. Only
 * HikariCP tells how large a pool is; any other source is taken as it is.
 */
final class PoolSize {
    private static final String HIKARI = "com.zaxxer.hikari.HikariDataSource";
    private static final int BESIDE_THE_LANES = 2;

    private PoolSize() {}

    static void check(DataSource dataSource, int concurrency) {
        OptionalInt size = isHikariAvailable() ? Hikari.sizeOf(dataSource) : OptionalInt.empty();
        int needed = concurrency + BESIDE_THE_LANES;
        if (size.isPresent() && size.getAsInt() < needed) {
            throw new TelemetryException(
                    "The pool has at most " + size.getAsInt() + " connections, but a concurrency of "
                            + concurrency + " needs " + needed + ", one for each lane, and " + BESIDE_THE_LANES
                            + ": set maximumPoolSize to " + needed + " or more");
        }
    }

    /** Looks for HikariCP without touching the class that needs it. */
    private static boolean isHikariAvailable() {
        try {
            Class.forName(HIKARI, false, PoolSize.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** The only class that names HikariCP, which a host may not have. */
    private static final class Hikari {
        static OptionalInt sizeOf(DataSource dataSource) {
            try {
                return dataSource.isWrapperFor(HikariDataSource.class)
                        ? OptionalInt.of(
                                dataSource.unwrap(HikariDataSource.class).getMaximumPoolSize())
                        : OptionalInt.empty();
            } catch (SQLException e) {
                return OptionalInt.empty();
            }
        }
    }
}

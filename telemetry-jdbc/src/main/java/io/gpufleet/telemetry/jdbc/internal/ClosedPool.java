package io.gpufleet.telemetry.jdbc.internal;

import java.lang.reflect.InvocationTargetException;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/**
 * The test whether a pool is closed or only has no free connection: pools throw the same exception for both, with
 * messages of their own.
 *
 * <p>A pool counts as closed if its public method {@code isClosed()} returns true, as in HikariCP, DBCP and many
 * others, or that of a pool wrapped by a class that is known here. All other pools count as open.
 */
final class ClosedPool {
    private static final List<String> KNOWN =
            List.of("com.zaxxer.hikari.HikariDataSource", "org.apache.commons.dbcp2.BasicDataSource");

    private ClosedPool() {}

    static boolean is(DataSource dataSource) {
        return saysSo(dataSource) || KNOWN.stream().anyMatch(name -> wrapsClosed(dataSource, name));
    }

    private static boolean wrapsClosed(DataSource dataSource, String name) {
        try {
            Class<?> pool = Class.forName(name, false, dataSource.getClass().getClassLoader());
            return dataSource.isWrapperFor(pool) && saysSo(dataSource.unwrap(pool));
        } catch (ClassNotFoundException | LinkageError | SQLException | RuntimeException e) {
            return false;
        }
    }

    private static boolean saysSo(Object pool) {
        try {
            return Boolean.TRUE.equals(pool.getClass().getMethod("isClosed").invoke(pool));
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            return false;
        }
    }
}

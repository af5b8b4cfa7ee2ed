package io.gpufleet.telemetry.jdbc.internal;

import java.lang.reflect.InvocationTargetException;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/**
 * The distinction of a closed pool from one without a connection for now: both throw the same, in words of their own.
 *
 * <p>A pool is closed if a public method {@code isClosed()} says so, as those of HikariCP, DBCP and many others do; it
 * may be wrapped, if its class is one that is known here. Of any other it is not known.
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

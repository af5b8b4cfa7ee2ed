package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.testkit.ReusedConnections;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A database of a test. */
public final class Database {
    private final String url;

    public Database(String url) {
        this.url = url;
    }

    public String url() {
        return url;
    }

    /** Returns a source of reused connections. */
    public DataSource dataSource() {
        return ReusedConnections.source(url);
    }

    /** Returns a source of new connections. */
    public DataSource newConnections() {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(url);
        return dataSource;
    }

    /** Sets a parameter for all new connections. */
    public void configure(String parameter, Object value) {
        execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET " + parameter + " = " + value
                + "', current_database()); END $$");
    }

    public void execute(String sql) {
        try (Connection connection = ReusedConnections.open(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Returns the rows of a query, the values of each joined by bars, times in UTC. */
    public List<String> rows(String sql) {
        try (Connection connection = ReusedConnections.open(url);
                Statement statement = connection.createStatement()) {
            statement.execute("SET timezone = 'UTC'");
            try (ResultSet result = statement.executeQuery(sql)) {
                List<String> rows = new ArrayList<>();
                while (result.next()) {
                    rows.add(row(result));
                }
                return rows;
            }
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Returns the only row of a query. */
    public String row(String sql) {
        List<String> rows = rows(sql);
        if (rows.size() != 1) {
            throw new AssertionError(sql + " gives " + rows);
        }
        return rows.get(0);
    }

    public long count(String table) {
        return Long.parseLong(row("SELECT count(*) FROM " + table));
    }

    private static String row(ResultSet result) throws SQLException {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
            values.add(result.getString(i));
        }
        return String.join("|", values);
    }
}

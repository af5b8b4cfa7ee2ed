package io.gpufleet.telemetry.examples.spring;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** A database, queried with plain SQL as an operator does. Thread-safe. */
final class Database {
    private final DataSource source;

    Database(DataSource source) {
        this.source = source;
    }

    DataSource source() {
        return source;
    }

    void execute(String sql) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Returns the first column of every row. */
    List<String> column(String sql) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (result.next()) {
                values.add(result.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    long count(String table) {
        return number("SELECT count(*) FROM " + table);
    }

    List<String> tables(String schema) {
        return column("SELECT tablename FROM pg_tables WHERE schemaname = '" + schema + "' ORDER BY 1");
    }

    /** Returns the number of other sessions in this database. */
    long sessions() {
        return number("SELECT count(*) FROM pg_stat_activity"
                + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }

    private long number(String sql) {
        return Long.parseLong(column(sql).get(0));
    }
}

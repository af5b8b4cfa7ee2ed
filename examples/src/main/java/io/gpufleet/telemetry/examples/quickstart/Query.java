package io.gpufleet.telemetry.examples.quickstart;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Reads the database with plain SQL. */
public final class Query {
    private Query() {}

    /** Runs a query and returns its rows; a time is an {@link OffsetDateTime}. */
    public static List<List<@Nullable Object>> rows(DataSource database, String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<List<@Nullable Object>> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(row(result));
            }
            return rows;
        }
    }

    /** Runs a query for one number; no row counts as 0. */
    public static long number(DataSource database, String sql) throws SQLException {
        return rows(database, sql).get(0).get(0) instanceof Number number ? number.longValue() : 0;
    }

    private static List<@Nullable Object> row(ResultSet result) throws SQLException {
        List<@Nullable Object> values = new ArrayList<>();
        for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
            boolean isTime = result.getMetaData().getColumnTypeName(column).equals("timestamptz");
            values.add(isTime ? result.getObject(column, OffsetDateTime.class) : result.getObject(column));
        }
        return values;
    }
}

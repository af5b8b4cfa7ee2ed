package io.gpufleet.telemetry.integration.moving;

import io.gpufleet.telemetry.testkit.PostgresDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;

/** The database of a service that moves. Its sessions use the time zone of this JVM. Thread-safe. */
final class Database {
    private final DataSource source;
    private final String url;

    Database(PostgresDatabase database) {
        this.source = database.dataSource();
        this.url = database.jdbcUrl();
    }

    String url() {
        return url;
    }

    DataSource source() {
        return source;
    }

    void execute(String sql) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage() + "\n" + sql, e);
        }
    }

    /** Returns every row, its columns separated by a blank. */
    List<String> rows(String sql) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                List<String> values = new ArrayList<>();
                for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
                    values.add(result.getString(column));
                }
                rows.add(String.join(" ", values));
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage() + "\n" + sql, e);
        }
    }

    long number(String sql) {
        return Long.parseLong(rows(sql).get(0));
    }

    /** Returns the positions of a group by partition. */
    Map<Integer, Long> positions(String schema, String group) {
        return offsets(
                "SELECT partition, next_offset FROM " + schema + ".consumer_offsets WHERE group_id = '" + group + "'");
    }

    /** Returns the offsets of rows of a partition and its offset. */
    Map<Integer, Long> offsets(String sql) {
        Map<Integer, Long> offsets = new TreeMap<>();
        rows(sql).forEach(row -> {
            String[] columns = row.split(" ", -1);
            offsets.put(Integer.valueOf(columns[0]), Long.valueOf(columns[1]));
        });
        return offsets;
    }
}

package io.gpufleet.telemetry.integration.consumer;

import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** The database of one test: the telemetry tables and a table {@code audit} without a key. Thread-safe. */
final class Database {
    private static final List<String> HEARTBEAT_TABLES =
            List.of("heartbeat", "client_daily_stats", "device_daily_stats", "system_info", "device_info");

    private final DataSource source;

    Database(DataSource source) {
        this(source, TelemetrySchema.create(source));
    }

    private Database(DataSource source, TelemetrySchema schema) {
        this.source = source;
        schema.install();
        execute("CREATE TABLE audit (topic text, partition integer, kafka_offset bigint)");
    }

    /** A database whose heartbeats are partitioned by day. */
    static Database partitionedByDay(DataSource source) {
        return new Database(
                source, TelemetrySchema.builder(source).partitionedByDay().build());
    }

    DataSource source() {
        return source;
    }

    void execute(String sql) {
        execute(source, sql);
    }

    static void execute(DataSource source, String sql) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Returns every row, its columns separated by a blank. */
    List<String> rows(String sql) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> values = new ArrayList<>();
                for (int column = 1; column <= columns; column++) {
                    values.add(result.getString(column));
                }
                rows.add(String.join(" ", values));
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    long number(String sql) {
        return Long.parseLong(rows(sql).get(0));
    }

    long count(String table) {
        return number("SELECT count(*) FROM " + table);
    }

    /** Returns all that the tables of heartbeats hold, but for when rows were last touched. */
    List<String> heartbeatTables() {
        List<String> all = new ArrayList<>();
        HEARTBEAT_TABLES.forEach(table -> all.addAll(
                rows("SELECT '" + table + "', to_jsonb(t) - 'updated_at' AS row FROM " + table + " AS t ORDER BY 2")));
        return all;
    }
}

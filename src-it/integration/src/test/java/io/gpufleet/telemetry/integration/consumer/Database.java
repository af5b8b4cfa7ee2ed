package io.gpufleet.telemetry.integration.consumer;

import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.ReusedConnections;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;

/** The database of one test: the telemetry tables and a table {@code audit} without a key. Thread-safe. */
final class Database {
    private static final List<String> HEARTBEAT_TABLES =
            List.of("heartbeat", "client_daily_stats", "device_daily_stats", "system_info", "device_info");

    /** The databases that others are copied from, one for each server. */
    private static final Map<PostgresServer, PostgresDatabase> TEMPLATES = new ConcurrentHashMap<>();

    private final DataSource source;

    private Database(DataSource source) {
        this.source = source;
    }

    /** A new database of the shared server. */
    static Database of(TelemetryStack stack) {
        return of(stack.postgres());
    }

    static Database of(PostgresServer server) {
        return of(server.newDatabase(TEMPLATES.computeIfAbsent(server, Database::template)));
    }

    private static PostgresDatabase template(PostgresServer server) {
        PostgresDatabase template = server.newDatabase();
        // no session may stay open in a template
        install(template.dataSource());
        return template;
    }

    private static Database of(PostgresDatabase database) {
        return new Database(ReusedConnections.source(database.jdbcUrl()));
    }

    /** Installs the tables into an empty database. */
    static Database install(PostgresDatabase empty) {
        return of(empty).install(TelemetrySchema.builder(empty.dataSource()));
    }

    /** Installs the tables, and works with connections of this pool only. */
    static Database install(DataSource pool) {
        return new Database(pool).install(TelemetrySchema.builder(pool));
    }

    /** Installs the tables with heartbeats partitioned by day. */
    static Database installByDay(PostgresDatabase empty) {
        return of(empty).install(TelemetrySchema.builder(empty.dataSource()).partitionedByDay());
    }

    /** Installs the tables of GPU samples only. */
    static Database installGpuSamples(PostgresDatabase empty) {
        return of(empty).install(TelemetrySchema.builder(empty.dataSource()).gpuSamples());
    }

    private Database install(TelemetrySchema.Builder schema) {
        schema.build().install();
        execute("CREATE TABLE audit (topic text, partition integer, kafka_offset bigint)");
        return this;
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

    /** Returns all rows of the tables of heartbeats, without the times of their last change. */
    List<String> heartbeatTables() {
        List<String> all = new ArrayList<>();
        HEARTBEAT_TABLES.forEach(table -> all.addAll(
                rows("SELECT '" + table + "', to_jsonb(t) - 'updated_at' AS row FROM " + table + " AS t ORDER BY 2")));
        return all;
    }
}

package io.gpufleet.telemetry.benchmarks.pipeline;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The database of one round, with a pool of connections; closing it drops the database. Thread-safe. */
public final class Database implements AutoCloseable {
    private final Servers servers;
    private final String name;
    private final String jdbcUrl;
    private final HikariDataSource pool;

    private Database(Servers servers, String name, String jdbcUrl, int connections) {
        this.servers = servers;
        this.name = name;
        this.jdbcUrl = jdbcUrl;
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(jdbcUrl);
        config.setMaximumPoolSize(connections);
        this.pool = new HikariDataSource(config);
    }

    /**
     * Creates a database with the product's tables.
     *
     * @param connections the size of the pool
     * @param driverSettings the settings of the driver, as in {@code &name=value}; may be empty
     */
    static Database installed(Servers servers, int connections, String driverSettings) {
        return installed(servers, connections, driverSettings, schema -> {});
    }

    /** Creates a database with the product's tables, in the layout of the options. */
    public static Database installed(
            Servers servers, int connections, String driverSettings, Consumer<TelemetrySchema.Builder> layout) {
        PostgresDatabase created = servers.postgres().newDatabase();
        TelemetrySchema.Builder schema = TelemetrySchema.builder(created.dataSource());
        layout.accept(schema);
        schema.build().install();
        return new Database(servers, created.name(), created.jdbcUrl() + driverSettings, connections);
    }

    /** Creates a copy of this database, file by file; its pool must be closed. */
    Database copy() throws SQLException {
        String copied = name + "_copy";
        servers.execute("CREATE DATABASE " + copied + " TEMPLATE " + name + " STRATEGY file_copy");
        return new Database(
                servers, copied, jdbcUrl.replace("/" + name + "?", "/" + copied + "?"), pool.getMaximumPoolSize());
    }

    public String jdbcUrl() {
        return jdbcUrl;
    }

    public HikariDataSource pool() {
        return pool;
    }

    /** Runs a statement. */
    public void execute(String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Returns the result of a query with one row of numbers. */
    public List<Long> numbers(String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            List<Long> numbers = new ArrayList<>();
            for (int column = 1; column <= row.getMetaData().getColumnCount(); column++) {
                numbers.add(row.getLong(column));
            }
            return numbers;
        }
    }

    @Override
    public void close() throws SQLException {
        pool.close();
        servers.execute("DROP DATABASE " + name + " WITH (FORCE)");
    }
}

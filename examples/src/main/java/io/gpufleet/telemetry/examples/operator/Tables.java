package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.InstalledLayout;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleInvariant;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The telemetry tables of the database in the options. Thread-safe. */
final class Tables {
    private static final String GROUP = """
            SELECT 1 WHERE EXISTS (SELECT FROM {consumer_offsets} WHERE group_id = ?)
                OR EXISTS (SELECT FROM {dead_letters} WHERE group_id = ?)
                OR EXISTS (SELECT FROM {consumption_gaps} WHERE group_id = ?)""";

    private static final String KIND = "SELECT relkind::text FROM pg_class WHERE oid = to_regclass(?)";

    private final DataSource dataSource;
    private final Optional<String> schema;

    Tables(DatabaseOptions options) {
        this.dataSource = options.dataSource();
        this.schema = options.schema();
    }

    /**
     * Runs a query.
     *
     * @param sql the query, with table names in braces, as {@code {consumer_offsets}}
     * @param parameters text, numbers, times or null, for the question marks
     * @return rows of text, numbers, instants, byte arrays, lists and null
     */
    List<List<@Nullable Object>> rows(String sql, @Nullable Object... parameters) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement(qualified(sql))) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                List<List<@Nullable Object>> rows = new ArrayList<>();
                while (result.next()) {
                    rows.add(row(result));
                }
                return rows;
            }
        }
    }

    /** Runs a query with two question marks, for the group and the topic of a filter; null stands for all. */
    List<List<@Nullable Object>> rows(String sql, Filter filter) throws SQLException {
        return rows(sql, filter.group().orElse(null), filter.topic().orElse(null));
    }

    /**
     * Throws for an unknown group: an empty answer would look as if nothing were wrong.
     *
     * @throws TelemetryException if there is no such group
     */
    void requireGroup(Optional<String> group) throws SQLException {
        if (group.isPresent()
                && rows(GROUP, group.get(), group.get(), group.get()).isEmpty()) {
            throw new TelemetryException("No group " + group.get() + ": it has no stored position, dead letter or gap");
        }
    }

    private String qualified(String sql) {
        String prefix = schema.map(name -> '"' + name + "\".").orElse("");
        return sql.replace("{", prefix).replace("}", "");
    }

    private static List<@Nullable Object> row(ResultSet result) throws SQLException {
        List<@Nullable Object> values = new ArrayList<>();
        for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
            values.add(value(result, column));
        }
        return values;
    }

    private static @Nullable Object value(ResultSet result, int column) throws SQLException {
        Object value = result.getObject(column);
        if (value instanceof Array array) {
            return Arrays.asList((Object[]) array.getArray());
        }
        boolean isTime = result.getMetaData().getColumnTypeName(column).equals("timestamptz");
        return value != null && isTime
                ? result.getObject(column, OffsetDateTime.class).toInstant()
                : value;
    }

    /** Opens a sink that keeps the positions of a group, and writes nothing else. */
    TransactionalSink<Object> positionsOf(String group) {
        PostgresSink.Builder<Object> builder = PostgresSink.builder(dataSource);
        schema.ifPresent(builder::schema);
        PostgresSink<Object> sink = builder.build();
        sink.open(SinkContext.of(group, TelemetryListener.none()));
        return sink;
    }

    HeartbeatInvariant.Result checkInvariant() {
        return schema.map(name -> HeartbeatInvariant.check(dataSource, name))
                .orElseGet(() -> HeartbeatInvariant.check(dataSource));
    }

    /** Compares the GPUs with their samples; wide rows are left out, since their interval is not stored. */
    GpuSampleInvariant.Result checkGpuInvariant() {
        return schema.map(name -> GpuSampleInvariant.check(dataSource, name))
                .orElseGet(() -> GpuSampleInvariant.check(dataSource));
    }

    /** Returns whether GPUs have wide rows, compacted or not, and no sample is stored. */
    boolean hasWideRowsOnly() throws SQLException {
        return !hasRows("gpu_telemetry") && hasWideRows();
    }

    boolean hasWideRows() throws SQLException {
        return hasRows("gpu_metrics") || hasRows("gpu_metrics_piece");
    }

    private boolean hasRows(String table) throws SQLException {
        return !rows("SELECT 1 WHERE EXISTS (SELECT FROM {" + table + "})").isEmpty();
    }

    /** Returns the capabilities of which a table exists. */
    Set<Capability> installed() throws SQLException {
        Set<Capability> installed = EnumSet.noneOf(Capability.class);
        for (Capability capability : Capability.values()) {
            for (String table : capability.tables()) {
                if (!kind(table).isEmpty()) {
                    installed.add(capability);
                }
            }
        }
        return installed;
    }

    /** Returns the layout of GPU samples; the usual one if they are not installed. */
    GpuLayout gpuLayout() throws SQLException {
        return InstalledLayout.of(dataSource, schema);
    }

    /** Returns the kind of a table or view, as in {@code pg_class}; empty if there is none. */
    private String kind(String table) throws SQLException {
        List<List<@Nullable Object>> rows = rows(KIND, qualified("{" + table + "}"));
        return rows.isEmpty() ? "" : String.valueOf(rows.get(0).get(0));
    }

    List<String> faults(Capabilities capabilities, HeartbeatLayout layout) {
        TelemetrySchema.Builder builder = TelemetrySchema.builder(dataSource);
        schema.ifPresent(builder::schema);
        capabilities.applyTo(builder);
        layout.applyTo(builder, capabilities);
        return builder.build().faults();
    }
}

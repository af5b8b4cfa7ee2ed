package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Delivery;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The plans of the statements for compacted days, with thousands of keys and pieces of three days. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class CompactedSqlTest {
    private static final PostgresTable<Instant> SAMPLES =
            samples().compactedByHour().build();
    private static final CompactedSql<Instant> SQL = new CompactedSql<>(SAMPLES, Optional.empty());

    /** Five thousand keys of ten GPUs and one day. */
    private static final String KEYS = "SELECT %s FROM (SELECT array_agg(n %% 10) AS gpu, array_agg(1 + n / 10 %% 25)"
            + " AS metric, array_agg((1772323200 + n * 17) * 1000000) AS at, array_agg((1772323200 + n * 17) / 3600"
            + " * 3600 * 1000000) AS hour, array_agg(0) AS series, array_agg(n) AS value"
            + " FROM generate_series(1::bigint, 5000) AS n) AS keys";

    @Parameter
    PostgresVersion version;

    private Database database;

    private static PostgresTable.Builder<Instant> samples() {
        return PostgresTable.<Instant>builder("gpu_sample")
                .key("gpu_no", ColumnType.INTEGER, time -> 1)
                .key("metric_no", ColumnType.INTEGER, time -> 1)
                .partitionKey("ts", time -> time, "gpu_sample_retention")
                .key("series_key", ColumnType.BIGINT, time -> 0L)
                .keep("metric_value", ColumnType.FLOAT8, time -> 1.0);
    }

    @BeforeEach
    void create() {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
        for (int day = 1; day <= 3; day++) {
            for (String table : List.of("gpu_sample_hour", "gpu_sample_times", "gpu_sample_piece")) {
                database.execute(("CREATE TABLE %1$s_%2$s PARTITION OF %1$s FOR VALUES FROM ('2026-03-0%2$s+00')"
                                + " TO ('2026-03-0%3$s+00')")
                        .formatted(table, day, day + 1));
            }
        }
        String hours = " FROM generate_series(0, 9) AS gpu, generate_series(timestamptz '2026-03-01+00',"
                + " timestamptz '2026-03-03 23:00+00', interval '1 hour') AS hour";
        database.execute("INSERT INTO gpu_sample_hour (gpu_no, hour) SELECT gpu, hour" + hours
                + "; INSERT INTO gpu_sample_times (gpu_no, hour, times_no, samples, micros) SELECT gpu, hour, 0, 2,"
                + " '{-1700000000,1}'" + hours
                + "; INSERT INTO gpu_sample_piece (gpu_no, metric_no, hour, series_key, samples, times_no, value,"
                + " labels_id, instance, scope, quality) SELECT gpu, metric, hour, 0, 2, 0, metric, 1, '', 0, 0" + hours
                + ", generate_series(1, 25) AS metric"
                + "; ANALYZE gpu_sample_hour; ANALYZE gpu_sample_times; ANALYZE gpu_sample_piece");
    }

    /** Runs a statement with arrays of the keys and returns its plan. */
    private List<String> plan(String sql, String mode, String arrays) throws SQLException {
        String[] values = database.row(KEYS.formatted(arrays)).split("\\|", -1);
        String numbered = sql;
        List<String> types = new ArrayList<>();
        for (int mark = 1; mark <= values.length; mark++) {
            types.add(numbered.replaceFirst("(?s).*?\\?::(\\w+\\[]).*", "$1"));
            numbered = numbered.replaceFirst("\\?", "\\$" + mark);
        }
        try (Connection connection = database.newConnections().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "SET plan_cache_mode = " + mode + "; PREPARE s (" + String.join(", ", types) + ") AS " + numbered);
            return rows(
                    statement,
                    "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE s ('" + String.join("', '", values)
                            + "')");
        }
    }

    private static List<String> rows(Statement statement, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.add(result.getString(1).strip());
            }
        }
        return rows;
    }

    @ParameterizedTest
    @ValueSource(strings = {"force_custom_plan", "force_generic_plan"})
    void find_readsOnlyThePiecesOfTheKeys(String mode) throws SQLException {
        List<String> plan =
                plan(SQL.find(Optional.of(SAMPLES.columns().get(4))), mode, "gpu, metric, at, series, value");
        assertThat(plan)
                .noneMatch(line -> line.contains("Seq Scan"))
                .anyMatch(line -> line.matches(".*Index Scan using gpu_sample_piece_1_pkey .* loops=5000\\)"))
                .anyMatch(line -> line.contains("Index Cond: ((gpu_no = ")
                        && line.contains("(metric_no = ")
                        && line.contains("(hour = ")
                        && line.contains("(series_key = "))
                .noneMatch(line -> line.matches(".*_[23]_pkey on .* loops=.*"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"force_custom_plan", "force_generic_plan"})
    void lockHours_readsOnlyTheseHours(String mode) throws SQLException {
        assertThat(plan(SQL.lockHours(), mode, "gpu, hour"))
                .noneMatch(line -> line.contains("Seq Scan"))
                .anyMatch(line -> line.matches(".*Scan using gpu_sample_hour_1_pkey .* loops=5000\\)"))
                .noneMatch(line -> line.matches(".*_[23]_pkey on .* loops=.*"));
    }

    @Test
    void compactedByHour_needsATimeAfterAnotherKey() {
        assertThatThrownBy(() -> PostgresTable.<Instant>builder("t")
                        .partitionKey("ts", time -> time, "r")
                        .key("n", ColumnType.INTEGER, time -> 1)
                        .compactedByHour()
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("table \"t\" is compacted by hour; declare a key first, then the time with partitionKey");
    }

    @Test
    void stepsThatDoNotLookIntoPieces_refuseTheTable() {
        PostgresSink.Builder<String> all = PostgresSink.<String>builder(database.dataSource())
                .insertAll(PostgresTable.<Delivery<String>>builder("t")
                        .key("n", ColumnType.INTEGER, d -> 1)
                        .partitionKey("ts", d -> d.time(), "r")
                        .compactedByHour()
                        .build());
        assertThatThrownBy(all::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("table \"t\" is compacted by hour; only insertOnce, fold and recompute take such a table");
    }
}

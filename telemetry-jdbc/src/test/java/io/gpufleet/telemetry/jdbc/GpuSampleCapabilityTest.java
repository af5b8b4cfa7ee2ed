package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class GpuSampleCapabilityTest {
    private static final String COLUMNS =
            "SELECT c.relname || '.' || a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
                    + " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN (%s)"
                    + " AND c.relname NOT LIKE 'telemetry\\_%%\\_history' AND a.attnum > 0 AND NOT a.attisdropped";

    @Parameter
    PostgresVersion version;

    private Database database;

    @BeforeEach
    void create() {
        database = version.emptyDatabase();
    }

    private TelemetrySchema schema(GpuLayout layout) {
        return TelemetrySchema.builder(database.dataSource()).gpuSamples(layout).build();
    }

    @ParameterizedTest
    @EnumSource(GpuLayout.class)
    void install_makesExactlyTheTablesThatAreVerified(GpuLayout layout) {
        schema(layout).install();
        assertThat(database.rows(COLUMNS.formatted("'r', 'p'")))
                .containsExactlyInAnyOrderElementsOf(Stream.of(new BaseCapability(), new GpuSampleCapability(layout))
                        .flatMap(capability -> capability.tables().stream())
                        .flatMap(table -> table.columns().stream().map(column -> table.name() + '.' + column.name()))
                        .toList());
    }

    @ParameterizedTest
    @EnumSource(GpuLayout.class)
    void install_describesEveryTableViewAndColumn(GpuLayout layout) {
        schema(layout).install();
        assertThat(database.rows(COLUMNS.formatted("'r', 'p', 'v'")
                        + " AND (col_description(a.attrelid, a.attnum) IS NULL"
                        + " OR obj_description(c.oid, 'pg_class') IS NULL)"))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(GpuLayout.class)
    void install_aSecondTimeChangesNothing(GpuLayout layout) {
        schema(layout).install();
        schema(layout).install();
        schema(layout).sql().forEach(database::execute);
        schema(layout).verify();
        assertThat(database.rows("SELECT kept_from FROM gpu_sample_retention")).containsExactly("1970-01-01");
    }

    /** So a dashboard works with both; the hour leads to the pieces of compacted days, which a flat table has not. */
    @Test
    void viewOfSamples_hasTheColumnsOfTheFlatTableAndTheHour() {
        String columns = "SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute"
                + " WHERE attrelid = 'gpu_telemetry'::regclass AND attnum > 0 ORDER BY attnum";
        schema(GpuLayout.FLAT).install();
        List<String> expected = new ArrayList<>(database.rows(columns));
        expected.add("hour timestamp with time zone");
        database = version.emptyDatabase();
        schema(GpuLayout.NUMBERED).install();
        assertThat(database.rows(columns)).isEqualTo(expected);
    }

    @Test
    void install_refusesTheOtherLayoutAfterwards() {
        schema(GpuLayout.FLAT).install();
        assertThatThrownBy(schema(GpuLayout.NUMBERED)::install)
                .hasMessage("Table gpu_telemetry exists already; install with gpuSamples(GpuLayout.FLAT), choose"
                        + " another schema, or rename it");
        database = version.emptyDatabase();
        schema(GpuLayout.NUMBERED).install();
        assertThatThrownBy(schema(GpuLayout.FLAT)::install)
                .hasMessage("gpu_telemetry is a view already; install with gpuSamples(GpuLayout.NUMBERED)");
    }

    @Test
    void install_refusesAFlatTableOfAnotherProgram() {
        database.execute("CREATE TABLE gpu_telemetry (id bigserial PRIMARY KEY, ts timestamptz, metric_name text)");
        assertThatThrownBy(schema(GpuLayout.NUMBERED)::install).hasMessageContaining("Table gpu_telemetry exists");
        assertThatThrownBy(schema(GpuLayout.FLAT)::install)
                .hasMessageContaining("Tables of another shape have the names of telemetry tables");
        assertThat(database.rows("SELECT 1 FROM pg_class WHERE relname = 'gpu'"))
                .isEmpty();
    }
}

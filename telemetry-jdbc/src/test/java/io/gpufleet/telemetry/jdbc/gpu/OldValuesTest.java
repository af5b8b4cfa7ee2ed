package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Counts;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Moved;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The values that a move takes: those of the smallest ids, with all their digits. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class OldValuesTest {
    @Parameter
    PostgresVersion version;

    private Database database;

    @BeforeEach
    void open() {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
        database.execute("CREATE TABLE old (id bigint, ts timestamptz, metric text, uuid text, value float8,"
                + " ratio float8, spent interval, since timestamptz, raw bytea, ratios float8[])");
    }

    private SampleTables.Builder tables() {
        return SampleTables.builder(
                database.newConnections(), GpuSampleSink.create(database.newConnections()), SampleJsonDecoder.create());
    }

    @Test
    void move_storesTheSmallestId_notTheFirstText() {
        database.execute("INSERT INTO old (id, ts, metric, uuid, value) SELECT id, '2026-10-01 12:00:00+00',"
                + " 'DCGM_FI_DEV_POWER_USAGE', 'GPU-a', id FROM unnest(array[10, 9]) AS id");
        assertThat(tables().build().move("old").total()).isEqualTo(new Counts(1, 0, 1, 0, 0, 0));
        assertThat(database.row("SELECT metric_value FROM gpu_telemetry")).isEqualTo("9");
    }

    /** Three rows or more of each second, with ids of 1 to 4 digits. */
    @Test
    void move_storesTheSmallestOfThreeIdsOfAnyLength() {
        database.execute("INSERT INTO old (id, ts, metric, uuid, value) SELECT n, TIMESTAMPTZ '2026-10-01 12:00:00+00'"
                + " + n * 37 % 733 * interval '1 s', 'DCGM_FI_DEV_POWER_USAGE', 'GPU-a', n"
                + " FROM generate_series(1, 2200) AS n");
        Moved moved = tables().chunkRows(100).build().move("old");
        assertThat(moved.total()).isEqualTo(new Counts(733, 0, 2_200 - 733, 0, 0, 0));
        assertThat(database.row("SELECT count(*) FROM gpu_telemetry AS g JOIN (SELECT ts, min(id) AS id FROM old"
                        + " GROUP BY 1) AS o ON o.ts = g.ts WHERE g.metric_value = o.id"))
                .isEqualTo("733");
    }

    /** Output columns have the names of functions where they have none of their own. */
    @Test
    void move_readsAnIdWithTheNameOfAnExpression() {
        database.execute("ALTER TABLE old RENAME COLUMN id TO \"case\"");
        database.execute("INSERT INTO old (\"case\", ts, metric, uuid, value) SELECT id, '2026-10-01 12:00:00+00',"
                + " 'DCGM_FI_DEV_POWER_USAGE', 'GPU-a', id FROM unnest(array[10, 9]) AS id");
        tables().column("id", "case").build().move("old");
        assertThat(database.row("SELECT metric_value FROM gpu_telemetry")).isEqualTo("9");
    }

    @Test
    void move_readsTheSameTexts_whateverTheSettingsOfTheDatabase() {
        for (String setting : new String[] {
            "extra_float_digits = -15",
            "TimeZone = 'Asia/Kolkata'",
            "DateStyle = 'ISO, DMY'",
            "IntervalStyle = 'sql_standard'",
            "bytea_output = 'escape'"
        }) {
            database.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET " + setting.replace("'", "''")
                    + "', current_database()); END $$");
        }
        database.execute("INSERT INTO old VALUES (1, '2026-10-01 12:00:00+00', 'DCGM_FI_DEV_POWER_USAGE', 'GPU-a',"
                + " 0.1::float8 + 0.2::float8, 0.1::float8 + 0.2::float8, '1 day 02:00:00', '2026-10-01 00:00:00+00',"
                + " '\\x6162ff', array[0.1::float8 + 0.2::float8])");
        SampleTables tables = tables().column("ratio", "ratio")
                .column("ratios", "ratios")
                .column("spent", "spent")
                .column("since", "since")
                .column("raw", "raw")
                .build();
        tables.move("old");
        assertThat(database.row("SELECT metric_value = 0.1::float8 + 0.2::float8 FROM gpu_telemetry"))
                .isEqualTo("t");
        assertThat(database.row("SELECT labels_raw FROM gpu_telemetry"))
                .isEqualTo("{\"raw\": \"\\\\x6162ff\", \"ratio\": \"0.30000000000000004\", \"since\":"
                        + " \"2026-10-01T00:00:00+00:00\", \"spent\": \"P1DT2H\", \"ratios\":"
                        + " \"[0.30000000000000004]\"}");
        assertThat(tables.move("old").run().read()).isZero();
    }

    @Test
    void move_namesTimesThatAreNone() {
        database.execute(
                "INSERT INTO old (id, ts, metric, uuid, value) SELECT 7, t, 'DCGM_FI_DEV_POWER_USAGE', 'GPU-a', 1"
                        + " FROM unnest(array[NULL, 'infinity', '-infinity', '4000-01-01 00:00:00+00 BC',"
                        + " '10000-01-01 00:00:00+00']::timestamptz[]) AS t");
        Moved moved = tables().build().move("old");
        assertThat(moved.total()).isEqualTo(new Counts(0, 0, 0, 0, 5, 0));
        assertThat(String.join("\n", moved.reasons()))
                .contains(
                        "\"NULL\"",
                        "\"infinity\"",
                        "\"-infinity\"",
                        "\"4000-01-01 00:00:00+00 BC\"",
                        "\"10000-01-01 00:00:00+00\"");
    }
}

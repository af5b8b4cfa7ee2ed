package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Wide rows that become parts of pieces: all rows stay, and stay the same. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class WideRewriteTest {
    private static final LocalDate DAY = LocalDate.parse("2026-03-01");
    private static final long NOON = 1_772_366_400_000_000L; // 2026-03-01T12:00:00Z

    /** All columns, bit by bit. */
    private static final String ROW = "gpu_no, (extract(epoch FROM time) * 1000000)::bigint, at, "
            + WideColumn.ALL.stream().map(WideRewriteTest::bits).collect(Collectors.joining(", "));

    private static final String ROWS = "SELECT " + ROW + " FROM gpu_metrics UNION ALL SELECT " + ROW
            + " FROM gpu_metrics_unpacked WHERE NOT hidden ORDER BY 1, 2";

    private static final String PICKED = "SELECT " + ROW + " FROM gpu_metrics_picked ORDER BY 1, 2";

    @Parameter
    PostgresVersion version;

    private Database database;
    private CompactedDay day;

    @BeforeEach
    void create() {
        database = version.gpuDatabase(GpuLayout.FLAT);
        day = CompactedDay.ofWideRows(database, DAY).open();
        database.execute("CREATE TABLE gpu_metrics_20260301 PARTITION OF gpu_metrics FOR VALUES FROM ('2026-03-01+00')"
                + " TO ('2026-03-02+00')");
        database.execute("INSERT INTO gpu (gpu_no, uuid) SELECT n, 'GPU-' || n FROM generate_series(1, 2) AS n");
    }

    private static String bits(WideColumn column) {
        return switch (column.type()) {
            case WHOLE -> column.name();
            case REAL -> "encode(float4send(" + column.name() + "), 'hex')";
            case DOUBLE -> "encode(float8send(" + column.name() + "), 'hex')";
        };
    }

    private void insert(String columns, String... rows) {
        database.execute("INSERT INTO gpu_metrics (gpu_no, time, " + columns + ") VALUES "
                + List.of(rows).stream()
                        .map(row -> "(1, timestamptz '2026-03-01 " + row.replaceFirst("([^,]*)", "$1+00'") + ")")
                        .collect(Collectors.joining(", ")));
    }

    private void compact() {
        List<String> rows = database.rows(ROWS);
        assertThat(day.compact()).isEqualTo(rows.size());
        assertThat(database.count("gpu_metrics")).isZero();
        assertThat(database.rows(ROWS)).isEqualTo(rows);
        assertThat(database.rows(PICKED)).isEqualTo(rows);
    }

    private String form(String column) {
        int number = WideColumn.ALL.stream()
                .filter(other -> other.name().equals(column))
                .findFirst()
                .orElseThrow()
                .number();
        return database.row(
                "SELECT forms[array_position(column_nos, " + number + "::smallint)] FROM gpu_metrics_piece");
    }

    /** Each column with values of its own, over two hours of two GPUs. */
    @Test
    void rewrite_movesTheRowsOfAGpuAndHour() {
        database.execute("INSERT INTO gpu_metrics (gpu_no, time, at, "
                + WideColumn.ALL.stream().map(WideColumn::name).collect(Collectors.joining(", "))
                + ") SELECT gpu, timestamptz '2026-03-01 11:59:50+00' + n * interval '10 seconds',"
                + " CASE WHEN n % 2 = 0 THEN ARRAY[n, NULL, 5] END, "
                + WideColumn.ALL.stream()
                        .map(column -> switch (column.name()) {
                            case "validation_passed" -> "n % 3 = 0";
                            case "quality" -> "n % 8";
                            default -> "CASE WHEN n % 5 > 0 THEN n * " + (column.number() + 5) + " END";
                        })
                        .collect(Collectors.joining(", "))
                + " FROM generate_series(1, 2) AS gpu, generate_series(0, 40) AS n");
        List<String> rows = database.rows(ROWS);
        assertThat(day.compact(1, NOON)).isEqualTo(40);
        assertThat(database.rows(ROWS)).isEqualTo(rows);
        assertThat(database.rows("SELECT gpu_no, count(*) FROM gpu_metrics GROUP BY 1 ORDER BY 1"))
                .containsExactly("1|1", "2|41");
        assertThat(day.compact()).isEqualTo(42);
        assertThat(database.rows(ROWS)).isEqualTo(rows);
        assertThat(database.rows("SELECT gpu_no, count(*) FROM gpu_metrics_piece GROUP BY 1 ORDER BY 1"))
                .containsExactly("1|2", "2|2");
    }

    /** An empty array of times is not the absence of one; a second run merges the hour. */
    @Test
    void rewrite_keepsEmptyArraysOfTimes() {
        insert("at", "12:00, '{}'", "12:00:30, NULL", "12:01, '{NULL,5}'");
        compact();
        assertThat(database.rows("SELECT at FROM gpu_metrics_unpacked ORDER BY time"))
                .containsExactly("{}", "null", "{NULL,5}");
        insert("at", "12:01:30, '{}'");
        compact();
    }

    /** Whole numbers of eight bytes are not read as doubles. */
    @Test
    void rewrite_keepsWholeNumbersThatNoDoubleHas() {
        insert(
                "energy_mj, fb_used_bytes, derived, ecc_sbe_volatile, ecc_dbe_volatile",
                "12:00, 9007199254740993, 9223372036854775807, 36028797018963969, 55491669881, -1",
                "12:01, 9007199254740995, -9223372036854775808, 36028797018963969, 9223372036854775807, NULL",
                "12:02, 9007199254740997, 0, 36028797018963969, 0, -9223372036854775807");
        compact();
        assertThat(form("energy_mj")).isEqualTo("1");
        assertThat(form("fb_used_bytes")).isEqualTo("5");
        assertThat(form("derived")).isEqualTo("0");
        assertThat(form("ecc_sbe_volatile")).isEqualTo("5");
        assertThat(database.row("SELECT fb_used_bytes, energy_mj FROM gpu_metrics_unpacked WHERE time ="
                        + " '2026-03-01 12:01+00'"))
                .isEqualTo("-9223372036854775808|9007199254740995");
    }

    /** Negative zero and not-a-number, in both precisions. */
    @Test
    void rewrite_keepsEveryBit() {
        insert(
                "power_usage, sm_active, gpu_temp, memory_temp, fan_speed, power_limit",
                "12:00, 0, 'NaN', 0, 'NaN', 71.483, '-0'",
                "12:00:10, '-0', 0.30000000000000004, '-0', 1e-45, 0.1, '-0'",
                "12:00:20, 0.5, 1E-9, 0.5, 3.4028235e38, -0.1, '-0'",
                "12:00:30, 0.25, '-Infinity', 0.25, 'Infinity', NULL, '-0'",
                "12:00:40, 2.964393875E-314, 4.9E-324, 16777216, -1, 100, '-0'");
        compact();
        assertThat(form("gpu_temp")).as("single precision").isEqualTo("6");
        assertThat(form("power_usage")).as("exact").isEqualTo("7");
        assertThat(form("fan_speed")).as("whole numbers of decimals").isEqualTo("3");
        assertThat(form("power_limit")).as("a constant").isEqualTo("8");
    }

    /** Ratios in percent are products with 100, and mostly no short decimals. */
    @Test
    void rewrite_packsRatiosInPercent() {
        database.execute("INSERT INTO gpu_metrics (gpu_no, time, sm_active, dram_active, power_usage) SELECT 1,"
                + " timestamptz '2026-03-01 12:00+00' + n * interval '1 second', (n / 1000.0)::float8 * 100,"
                + " round((100 * sin(n))::numeric, 1), 300 + n / 1000.0 FROM generate_series(0, 999) AS n");
        assertThat(database.row("SELECT count(*) > 0 FROM gpu_metrics WHERE sm_active::text LIKE '%00000%'"))
                .isEqualTo("t");
        compact();
        assertThat(form("sm_active")).isEqualTo("1");
        assertThat(form("dram_active")).isEqualTo("1");
        assertThat(form("power_usage")).isEqualTo("1");
        assertThat(database.rows("SELECT DISTINCT unnest(factors) FROM gpu_metrics_piece ORDER BY 1"))
                .containsExactly("1", "100");
    }

    /** Microseconds that lie beyond four bytes from each other, and an hour with one row. */
    @Test
    void rewrite_keepsTimes() {
        insert("gpu_temp", "12:59:59.999999, 4", "12:40:00.000001, 3", "12:00, 1", "12:00:00.000001, 2", "13:00, 5");
        compact();
        assertThat(database.count("gpu_metrics_piece")).isEqualTo(2);
    }

    /** A null between two equal readings is what tells two events from one. */
    @Test
    void rewrite_keepsBlanks_andRowsWithoutAnyReading() {
        insert("xid_last", "12:00, 79", "12:00:30, NULL", "12:01, 79");
        database.execute("INSERT INTO gpu_metrics (gpu_no, time) VALUES (2, '2026-03-01 12:00+00')");
        compact();
        assertThat(database.rows("SELECT xid_last FROM gpu_metrics_unpacked WHERE gpu_no = 1 ORDER BY time"))
                .containsExactly("79", "null", "79");
        assertThat(database.rows("SELECT quality, validation_passed FROM gpu_metrics_unpacked WHERE gpu_no = 2"))
                .containsExactly("0|null");
    }

    @Test
    void rewrite_keepsTheTimesOfReadingsInAGrid() {
        insert(
                "gpu_temp, derived, at",
                "12:00, 1, NULL, array_fill(2000000, ARRAY[55])",
                "12:00:30, 2, 16, array_fill(2000001, ARRAY[54]) || ARRAY[NULL::integer]",
                "12:01, 3, NULL, array_fill(NULL::integer, ARRAY[55])",
                "12:01:30, 4, NULL, NULL");
        compact();
        assertThat(database.row("SELECT cardinality(small) FROM gpu_metrics_piece"))
                .as("54 columns share their values")
                .isEqualTo("20");
    }

    /** Later readings have places of their own, which this version does not know. */
    @Test
    void rewrite_leavesRowsWithMoreTimesThanReadings() {
        insert("gpu_temp, at", "12:00, 1, array_fill(1, ARRAY[56])");
        assertThatThrownBy(() -> day.compact(1, NOON)).hasMessageContaining("0 of 1 would come back");
        assertThat(database.count("gpu_metrics")).isEqualTo(1);
    }

    @Test
    void rewrite_aSecondTimeMovesNothing() {
        insert("gpu_temp", "12:00, 1");
        compact();
        List<String> pieces = database.rows("SELECT ctid, xmin FROM gpu_metrics_piece");
        assertThat(day.compact(1, NOON)).isZero();
        assertThat(database.rows("SELECT ctid, xmin FROM gpu_metrics_piece")).isEqualTo(pieces);
    }

    /** A row beside the piece counts, and is what stays: late readings have been merged with it. */
    @Test
    void rewrite_mergesRowsBesideThePiece() {
        insert("gpu_temp, at", "12:00, 60, ARRAY[2]", "12:00:30, 61, NULL");
        compact();
        insert("gpu_temp, power_usage, at", "12:00, 61, 300, ARRAY[9]", "12:01, 62, NULL, NULL");
        assertThat(database.rows("SELECT gpu_temp, power_usage, at FROM gpu_metrics_by_uuid ORDER BY time"))
                .containsExactly("61|300|{9}", "61|null|null", "62|null|null");
        compact();
        assertThat(database.rows("SELECT gpu_temp, power_usage, at FROM gpu_metrics_by_uuid ORDER BY time"))
                .containsExactly("61|300|{9}", "61|null|null", "62|null|null");
        assertThat(database.count("gpu_metrics_piece")).isEqualTo(1);
    }

    /** A trigger inserts a row as another session does: after the rows were read, before they are deleted. */
    @Test
    void rewrite_leavesRowsThatItHasNotRead() {
        insert("gpu_temp", "12:00, 1");
        database.execute("CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO gpu_metrics"
                + " (gpu_no, time, gpu_temp) VALUES (1, '2026-03-01 12:00:01+00', 5); RETURN NULL; END $$;"
                + " CREATE TRIGGER late AFTER INSERT ON gpu_metrics_piece FOR EACH ROW EXECUTE FUNCTION late()");
        assertThat(day.compact(1, NOON)).isEqualTo(1);
        assertThat(database.rows("SELECT gpu_temp FROM gpu_metrics")).containsExactly("5");
    }

    /** The control of the proof: a product in place of the quotient differs in the last bit for some values. */
    @Test
    void rewrite_failsIfAValueDoesNotComeBack() {
        database.execute("INSERT INTO gpu_metrics (gpu_no, time, power_usage) SELECT 1, timestamptz '2026-03-01"
                + " 12:00+00' + n * interval '10 seconds', n / 1000.0 FROM generate_series(0, 359) AS n");
        String function = database.row("SELECT pg_get_functiondef('gpu_metrics_floats'::regproc)");
        String product = function.replaceAll(
                "/ \\(?(gpu_metrics_floats\\.)?divisor\\)?(::double precision)?",
                "* (1.0::double precision / divisor)");
        assertThat(product).isNotEqualTo(function);
        database.execute(product);
        List<String> rows = database.rows(ROWS);
        assertThatThrownBy(() -> day.compact(1, NOON))
                .isInstanceOf(TelemetryException.class)
                .hasMessageStartingWith("Wide rows of GPU number 1 from 2026-03-01T12:00:00Z stay rows: ")
                .hasMessageEndingWith(" of 360 would come back from a piece as they are");
        assertThat(database.rows(ROWS)).isEqualTo(rows);
        assertThat(database.count("gpu_metrics_piece")).isZero();
    }

    @Test
    void piece_ofUnequalLengthsIsRefused() {
        insert("gpu_temp, energy_mj", "12:00, 1, 5", "12:00:10, 2, 9223372036854775807", "12:00:20, 4, 0");
        compact();
        for (String change : List.of(
                "small = small[2:]", "large = large[:2]", "micros = micros[:2]", "samples = 2", "forms = forms[2:]")) {
            assertThatThrownBy(() -> database.execute("UPDATE gpu_metrics_piece SET " + change))
                    .as(change)
                    .hasStackTraceContaining("violates check constraint");
        }
    }

    @Test
    void between_readsRowsAndPieces() {
        insert("gpu_temp", "11:59:59, 0", "12:00, 1", "12:30, 2", "12:59:59.999999, 3", "13:00, 4", "13:10, 5");
        day.compact(1, NOON);
        insert("gpu_temp", "12:30, 9");
        assertThat(database.rows("SELECT gpu_temp FROM gpu_metrics_between(1, '2026-03-01 12:00+00',"
                        + " '2026-03-01 13:10+00') ORDER BY time"))
                .containsExactly("1", "9", "3", "4");
        assertThat(database.rows("SELECT gpu_temp FROM gpu_metrics_by_uuid WHERE hour = '2026-03-01 12:00+00'"
                        + " AND gpu_uuid = 'GPU-1' ORDER BY time"))
                .containsExactly("1", "9", "3");
    }
}

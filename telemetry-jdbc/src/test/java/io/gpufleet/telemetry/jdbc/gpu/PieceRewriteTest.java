package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that become parts of pieces: all samples stay, and stay the same. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class PieceRewriteTest {
    private static final long NOON = 1_772_366_400_000_000L; // 2026-03-01T12:00:00Z
    private static final String ROW = "gpu_no, metric_no, series_key, ts, encode(float8send(metric_value), 'hex'),"
            + " labels_id, instance, scope, quality";
    private static final String SAMPLES = "SELECT " + ROW + " FROM gpu_sample UNION ALL SELECT " + ROW
            + " FROM gpu_sample_unpacked ORDER BY 1, 2, 3, 4";

    /**
     * Two GPUs, each with three metrics and two series, every 100 seconds from 11:58:20 to 13:00; labels change at
     * 12:31:40.
     */
    private static final String INSERT = "INSERT INTO gpu_sample SELECT t, series, (n * metric) / 1000.0,"
            + " CASE WHEN n < 20 THEN 7 ELSE 8 END, gpu, metric, CASE series WHEN 0 THEN '' ELSE 'gi:1' END, series, 0"
            + " FROM generate_series(1, 2) AS gpu, generate_series(1, 3) AS metric, generate_series(0, 1) AS series,"
            + " generate_series(0, 37) AS n, LATERAL (SELECT timestamptz '2026-03-01 11:58:20+00' + n * interval"
            + " '100 seconds' AS t) AS at";

    @Parameter
    PostgresVersion version;

    private Database database;

    @BeforeEach
    void create() {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
        new StoredPieces(database, LocalDate.parse("2026-03-01"));
        database.execute(INSERT);
    }

    private long rewrite() {
        return new Transactions(database.dataSource(), TransactionTimeouts.DEFAULT)
                .call("pieces", connection -> new PieceRewrite(Optional.empty()).rewrite(connection, 1, NOON));
    }

    @Test
    void rewrite_movesTheRowsOfAGpuAndHour() {
        List<String> samples = database.rows(SAMPLES);
        assertThat(rewrite()).isEqualTo(3 * 2 * 36);
        assertThat(database.rows(SAMPLES)).isEqualTo(samples);
        assertThat(database.count("gpu_sample_unpacked")).isEqualTo(3 * 2 * 36);
        assertThat(database.rows("SELECT DISTINCT to_char(ts AT TIME ZONE 'UTC', 'HH24:MI') FROM gpu_sample WHERE"
                        + " gpu_no = 1 ORDER BY 1"))
                .containsExactly("11:58", "13:00");
        assertThat(database.count("gpu_sample_piece")).isEqualTo(6);
        assertThat(database.count("gpu_sample_times")).isEqualTo(1);
    }

    @Test
    void rewrite_aSecondTimeMovesNothing() {
        rewrite();
        List<String> pieces = database.rows("SELECT ctid, xmin FROM gpu_sample_piece ORDER BY 1");
        assertThat(rewrite()).isZero();
        assertThat(database.rows("SELECT ctid, xmin FROM gpu_sample_piece ORDER BY 1"))
                .isEqualTo(pieces);
    }

    @Test
    void rewrite_mergesLateRowsWithTheirPiece() {
        rewrite();
        database.execute("INSERT INTO gpu_sample SELECT '2026-03-01 12:00:00.000001+00', 0, '-0', 9, 1, metric, '', 0,"
                + " 2 FROM generate_series(1, 3) AS metric");
        List<String> samples = database.rows(SAMPLES);
        assertThat(rewrite()).isEqualTo(3 * 37);
        assertThat(database.rows(SAMPLES)).isEqualTo(samples);
        assertThat(database.count("gpu_sample_piece")).isEqualTo(6);
        assertThat(database.count("gpu_sample_times")).isEqualTo(2);
    }

    @Test
    void rewrite_removesTimesThatNoPieceHas() {
        rewrite();
        database.execute("INSERT INTO gpu_sample SELECT '2026-03-01 12:05:01+00', series, 1, 9, 1, metric, '', 0, 2"
                + " FROM generate_series(1, 3) AS metric, generate_series(0, 1) AS series");
        rewrite();
        assertThat(database.rows("SELECT samples FROM gpu_sample_times")).containsExactly("37");
    }

    @Test
    void rewrite_keepsTheFirstOfTwoSamplesOfOneKey() {
        rewrite();
        List<String> samples = database.rows(SAMPLES);
        database.execute("INSERT INTO gpu_sample VALUES ('2026-03-01 12:00+00', 0, 99, 9, 1, 1, '', 0, 0)");
        rewrite();
        assertThat(database.rows(SAMPLES)).isEqualTo(samples);
    }

    /** A trigger inserts a row as another session does: after the rows were read, before they are deleted. */
    @Test
    void rewrite_leavesRowsThatItHasNotRead() {
        database.execute("CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO gpu_sample"
                + " VALUES ('2026-03-01 12:00:01+00', NEW.series_key, 5, 7, NEW.gpu_no, NEW.metric_no, '', 0, 0);"
                + " RETURN NULL; END $$;"
                + " CREATE TRIGGER late AFTER INSERT ON gpu_sample_piece FOR EACH ROW EXECUTE FUNCTION late()");
        assertThat(rewrite()).isEqualTo(3 * 2 * 36);
        assertThat(database.row("SELECT count(*) FROM gpu_sample WHERE ts = '2026-03-01 12:00:01+00'"))
                .isEqualTo("6");
    }

    /** A trigger inserts a row as a session without the lock of the hour does, while late rows are merged. */
    @Test
    void rewrite_losesNothingIfLateRowsComeDuringTheMerge() {
        rewrite();
        database.execute("CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO gpu_sample"
                + " VALUES ('2026-03-01 12:00:02+00', 0, 5, 7, 1, 2, '', 0, 0) ON CONFLICT DO NOTHING;"
                + " RETURN NULL; END $$;"
                + " CREATE TRIGGER late AFTER INSERT ON gpu_sample FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0)"
                + " EXECUTE FUNCTION late()");
        database.execute("ALTER TABLE gpu_sample DISABLE TRIGGER late; INSERT INTO gpu_sample VALUES"
                + " ('2026-03-01 12:00:01+00', 0, 5, 7, 1, 1, '', 0, 0); ALTER TABLE gpu_sample ENABLE TRIGGER late");
        List<String> samples = database.rows(SAMPLES);
        assertThatThrownBy(this::rewrite).hasMessageContaining("gpu_sample_piece_20260301_pkey");
        assertThat(database.rows(SAMPLES)).isEqualTo(samples);
        database.execute("DROP TRIGGER late ON gpu_sample");
        rewrite();
        assertThat(database.rows(SAMPLES)).isEqualTo(samples);
    }

    /** The control of the proof: with a product in place of the division, some values have another last bit. */
    @Test
    void rewrite_failsIfAValueDoesNotComeBack() {
        String view = database.row("SELECT pg_get_viewdef('gpu_sample_unpacked_values')");
        String product =
                view.replaceAll("/ \\(?p\\.divisor\\)?(::double precision)?", "* (1.0::double precision / p.divisor)");
        assertThat(product).isNotEqualTo(view);
        database.execute("CREATE OR REPLACE VIEW gpu_sample_unpacked_values AS " + product);
        List<String> samples = database.rows(SAMPLES);
        assertThatThrownBy(this::rewrite)
                .isInstanceOf(TelemetryException.class)
                .hasMessageStartingWith("Samples of GPU number 1 from 2026-03-01T12:00:00Z stay rows: ")
                .hasMessageEndingWith(" of 216 would come back from pieces as they are");
        assertThat(database.rows(SAMPLES)).isEqualTo(samples);
        assertThat(database.count("gpu_sample_piece")).isZero();
    }

    /** Equality does not tell negative zero from zero, the bits do. */
    @Test
    void rewrite_failsIfAZeroComesBackWithoutItsSign() {
        database.execute("INSERT INTO gpu_sample VALUES ('2026-03-01 12:00:01+00', 0, '-0', 9, 1, 1, '', 0, 0)");
        String view = database.row("SELECT pg_get_viewdef('gpu_sample_unpacked_values')");
        String unsigned = view.replace("ELSE a.exact", "ELSE a.exact + 0::double precision")
                .replace("a.single::double precision", "a.single::double precision + 0::double precision");
        assertThat(unsigned).isNotEqualTo(view);
        database.execute("CREATE OR REPLACE VIEW gpu_sample_unpacked_values AS " + unsigned);
        List<String> samples = database.rows(SAMPLES);
        assertThatThrownBy(this::rewrite)
                .hasMessageEndingWith(" stay rows: 216 of 217 would come back from pieces as they are");
        assertThat(database.rows(SAMPLES)).isEqualTo(samples);
    }
}

package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.Samples.gpu;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.sample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.Pools;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Values and times that have got lost in other stores: written by the sinks, compacted by the job, and read back
 * through the views and the functions of a range, bit by bit, by sessions of any time zone.
 */
@ParameterizedClass
@MethodSource("sessions")
final class CompactedHistoryTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Clock LATER = Clock.fixed(NOON.plus(Duration.ofDays(10)), ZoneOffset.UTC);
    private static final String UNKNOWN = "DCGM_FI_DEV_X";
    private static final String POWER = "DCGM_FI_DEV_POWER_USAGE";
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final String ENCODER = "DCGM_FI_DEV_ENC_UTIL";
    private static final String XID = "DCGM_FI_DEV_XID_ERRORS";
    private static final String ENERGY = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION";

    private static final String MICROS =
            "(extract(epoch FROM %1$s - timestamptz '2026-03-01 12:00+00') * 1000000)::bigint";

    private static final String VIEW = "SELECT uuid, metric_name, " + MICROS.formatted("ts")
            + ", encode(float8send(metric_value), 'hex'), series_key, instance, scope, quality, labels_raw, hostname, device, hour"
            + " FROM gpu_telemetry ORDER BY uuid, metric_name, ts";

    private static final String RANGE = "SELECT m.metric_name, " + MICROS.formatted("s.ts")
            + ", encode(float8send(s.metric_value), 'hex') FROM gpu_metric AS m CROSS JOIN gpu AS g CROSS JOIN LATERAL"
            + " gpu_samples_between(g.gpu_no, m.metric_no, '2026-03-01 11:00+00', '2026-03-01 14:00+00') AS s"
            + " ORDER BY m.metric_name, s.ts";

    private static final String WIDE = "SELECT gpu_uuid, " + MICROS.formatted("time")
            + ", encode(float4send(gpu_temp), 'hex'), encode(float8send(power_usage), 'hex'), energy_mj, xid_last, at"
            + " FROM gpu_metrics_by_uuid ORDER BY gpu_uuid, time";

    private static final String WIDE_RANGE = "SELECT " + MICROS.formatted("w.time")
            + ", encode(float4send(w.gpu_temp), 'hex'), encode(float8send(w.power_usage), 'hex'), w.energy_mj, w.xid_last,"
            + " w.at FROM gpu AS g CROSS JOIN LATERAL gpu_metrics_between(g.gpu_no, '2026-03-01 11:00+00',"
            + " '2026-03-01 14:00+00') AS w ORDER BY w.time";

    static Stream<Arguments> sessions() {
        return Stream.of(
                Arguments.of(PostgresVersion.POSTGRES_18, "UTC"),
                Arguments.of(PostgresVersion.POSTGRES_18, "America/St_Johns"),
                Arguments.of(PostgresVersion.POSTGRES_14, "Asia/Kathmandu"));
    }

    @Parameter(0)
    PostgresVersion version;

    @Parameter(1)
    String zone;

    private Database database;
    private HikariDataSource pool;
    private Feed<GpuSample> samples;
    private Messages wide;

    @BeforeEach
    void open() {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
        pool = Pools.of(database, 2, settings -> settings.setConnectionInitSql("SET timezone = '" + zone + "'"));
        samples = Feed.open(GpuSampleSink.create(pool), Feed.P0, "samples");
        wide = Messages.open(
                GpuMetricsSink.builder(pool, WideRows.inGrid(Duration.ofSeconds(30)))
                        .build(),
                Feed.P0,
                "wide");
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private void write(List<GpuSample> all) {
        Samples.write(samples, all);
        wide.write(all.stream().map(List::of).toList());
    }

    /** Writes values ten seconds after each other. */
    private void write(String metric, double... values) {
        List<GpuSample> all = new ArrayList<>();
        for (double value : values) {
            all.add(at(metric, 10_000_000L * all.size(), value));
        }
        write(all);
    }

    private static GpuSample at(String metric, long microsAfterNoon, double value) {
        return sample(gpu(1).build(), metric, value, NOON.plusNanos(microsAfterNoon * 1_000));
    }

    private CompactionJob.Result run() {
        return CompactionJob.builder(pool).clock(LATER).build().runOnce();
    }

    /** Compacts all, and compares what is read before and after. */
    private void compact() {
        List<List<String>> before = reads();
        CompactionJob.Result result = run();
        assertThat(result.failures()).isEmpty();
        assertThat(result.days())
                .isNotEmpty()
                .allSatisfy(day -> assertThat(day.waiting()).isEmpty());
        assertThat(database.count("gpu_sample")).isZero();
        assertThat(database.count("gpu_metrics")).isZero();
        assertThat(reads()).isEqualTo(before);
    }

    private List<List<String>> reads() {
        return Stream.of(VIEW, RANGE, WIDE, WIDE_RANGE).map(this::rows).toList();
    }

    /** Returns the rows of a query in a session of the time zone. */
    private List<String> rows(String sql) {
        return Jdbi.create(pool)
                .withHandle(handle -> handle.createQuery(sql)
                        .map((row, context) -> {
                            List<String> values = new ArrayList<>();
                            for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                                values.add(row.getString(i));
                            }
                            return String.join("|", values);
                        })
                        .list());
    }

    private List<String> bits(String metric) {
        return rows("SELECT encode(float8send(metric_value), 'hex') FROM gpu_telemetry WHERE metric_name = '" + metric
                + "' ORDER BY ts");
    }

    private static List<String> bitsOf(double... values) {
        List<String> bits = new ArrayList<>();
        for (double value : values) {
            bits.add(String.format("%016x", Double.doubleToRawLongBits(value)));
        }
        return bits;
    }

    private List<String> micros(String metric) {
        return rows("SELECT " + MICROS.formatted("ts") + " FROM gpu_telemetry WHERE metric_name = '" + metric
                + "' ORDER BY ts");
    }

    @Test
    void negativeZeroAmongWholeNumbers_comesBack() {
        write(UNKNOWN, 0, -0.0, 0.5, 0.25);
        compact();
        assertThat(bits(UNKNOWN))
                .containsExactly("0000000000000000", "8000000000000000", "3fe0000000000000", "3fd0000000000000");
    }

    @Test
    void valuesBesideALargeOne_comeBack() {
        double[] values = {0.001, 1, 2, 16, 32, -1, -9, 4_503_599_627_370_496.0, 100, 3};
        write(UNKNOWN, values);
        compact();
        assertThat(bits(UNKNOWN)).isEqualTo(bitsOf(values));
    }

    /** By SQL: decoders take the largest for no value. */
    @Test
    void verySmallAndVeryLargeValues_comeBack() {
        write(UNKNOWN, 0);
        database.execute("INSERT INTO gpu_sample SELECT s.ts + n * interval '1 second', s.series_key, v, s.labels_id,"
                + " s.gpu_no, s.metric_no, s.instance, s.scope, s.quality FROM gpu_sample AS s CROSS JOIN"
                + " unnest(ARRAY[2.964393875E-314, 4.9E-324, 1E-9, 3.4028235677973366E38, 1.7976931348623157E308]"
                + "::float8[]) WITH ORDINALITY AS a(v, n)");
        compact();
        assertThat(bits(UNKNOWN))
                .isEqualTo(bitsOf(
                        0, 2.964393875E-314, Double.MIN_VALUE, 1E-9, 3.4028235677973366E38, 1.7976931348623157E308));
    }

    @Test
    void decimalPlaces_comeBack() {
        double[] values = {0.009, 0.3, 1.001, 71.483, 0.000005, 1_706_710_122.87, 0.30000000000000004};
        write(UNKNOWN, values);
        write(POWER, 0.009, 0.3, 1.001, 71.483, 0.000005, 0.30000000000000004);
        compact();
        assertThat(bits(UNKNOWN)).isEqualTo(bitsOf(values));
    }

    /** Also one sample in an hour, and an hour whose samples came in the reverse order. */
    @Test
    void gapsThatDoNotFitInFourBytes_comeBack() {
        List<GpuSample> all = new ArrayList<>();
        for (long micros : new long[] {0, 1, 2_400_000_001L, 3_599_999_999L}) {
            all.add(at(TEMP, micros, all.size()));
        }
        Collections.reverse(all);
        all.add(at(TEMP, 3_600_000_000L + 5, 7));
        write(all);
        compact();
        assertThat(micros(TEMP)).containsExactly("0", "1", "2400000001", "3599999999", "3600000005");
        assertThat(bits(TEMP)).isEqualTo(bitsOf(0, 1, 2, 3, 7));
    }

    @Test
    void metricsOfOneGpuWithTimesOfTheirOwn_keepThem() {
        List<GpuSample> all = new ArrayList<>();
        for (int i = 0; i < 360; i++) {
            all.add(at(POWER, 10_000_000L * i, 300 + i / 1000.0));
        }
        for (int i = 0; i < 120; i++) {
            all.add(at(TEMP, 30_000_000L * i, 40 + i % 30));
            all.add(at(ENCODER, 30_000_000L * i + 37_250_001, i % 100));
        }
        all.add(at(XID, 1_023_500_000L, 79));
        write(all);
        compact();
        assertThat(rows("SELECT metric_name, count(*), count(metric_value) FROM gpu_telemetry WHERE ts <"
                        + " '2026-03-01 13:00:07.3+00' GROUP BY 1 ORDER BY 1"))
                .containsExactly(ENCODER + "|120|120", TEMP + "|120|120", POWER + "|360|360", XID + "|1|1");
        assertThat(micros(XID)).containsExactly("1023500000");
        assertThat(micros(ENCODER)).first().isEqualTo("37250001");
    }

    @Test
    void arraysOfUnequalLength_areRefusedAndNeverRead() {
        write(UNKNOWN, 0.5, 1, 2);
        compact();
        for (String array : List.of("exact = exact[:2]", "single = single[:2]", "small = small[:2]", "samples = 4")) {
            if (database.count("gpu_sample_piece WHERE " + array.substring(0, array.indexOf(' ')) + " IS NULL") == 0) {
                assertThatThrownBy(() -> database.execute("UPDATE gpu_sample_piece SET " + array))
                        .hasStackTraceContaining("violates check constraint");
            }
        }
        assertThat(bits(UNKNOWN)).isEqualTo(bitsOf(0.5, 1, 2));
        assertThat(database.count("gpu_telemetry WHERE metric_value IS NULL")).isZero();
    }

    /** Both hours as rows, the first as a piece, both as pieces. */
    @Test
    void fallOfACounterBetweenTwoPieces_isSeen() {
        List<GpuSample> all = new ArrayList<>();
        for (double value : new double[] {95, 100, 97, 107}) {
            all.add(at(ENERGY, 3_580_000_000L + 10_000_000L * all.size(), value));
        }
        write(all);
        assertThat(increase()).isEqualTo("112");
        CompactionJob.builder(pool)
                .clock(LATER)
                .progress(done -> assertThat(increase()).isEqualTo("112"))
                .build()
                .runOnce();
        assertThat(database.count("gpu_sample_piece")).isEqualTo(2);
        assertThat(increase()).isEqualTo("112");
    }

    private String increase() {
        return rows("SELECT sum(CASE WHEN v >= p THEN v - p ELSE v END)::text FROM (SELECT s.metric_value AS v,"
                        + " lag(s.metric_value) OVER (ORDER BY s.ts) AS p FROM gpu_metric AS m CROSS JOIN gpu AS g CROSS JOIN"
                        + " LATERAL gpu_samples_between(g.gpu_no, m.metric_no, '2026-03-01 12:00+00', '2026-03-01 14:00+00')"
                        + " AS s WHERE m.metric_name = '" + ENERGY + "') AS s WHERE p IS NOT NULL")
                .get(0);
    }
}

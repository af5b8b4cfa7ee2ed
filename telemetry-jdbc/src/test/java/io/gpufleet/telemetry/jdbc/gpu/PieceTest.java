package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pieces in PostgreSQL: times to the microsecond and values to the bit. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class PieceTest {
    private static final LocalDate DAY = LocalDate.parse("2026-03-01");
    private static final long NOON = micros("2026-03-01T12:00:00Z");
    private static final long SECOND = 1_000_000;
    private static final String CHECKED = "gpu_sample_piece_length";

    @Parameter
    PostgresVersion version;

    private Database database;
    private StoredPieces pieces;

    @BeforeEach
    void create() {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
        pieces = new StoredPieces(database, DAY);
    }

    private static long micros(String time) {
        Instant instant = Instant.parse(time);
        return instant.getEpochSecond() * SECOND + instant.getNano() / 1_000;
    }

    /** Writes values at noon, checks that they come back, and returns their form. */
    private String form(double... values) {
        long[] micros = StoredPieces.every(NOON, SECOND, values.length);
        database.execute("TRUNCATE gpu_sample_piece");
        String form = pieces.put(155, micros, values).toString();
        assertThat(pieces.rows(155)).as(form).isEqualTo(StoredPieces.rows(micros, values));
        return form;
    }

    @Test
    void values_comeBackInTheSmallestForm() {
        assertThat(form(7, 7, 7)).isEqualTo("VALUE");
        assertThat(form(-0.0, -0.0)).isEqualTo("VALUE");
        assertThat(form(Double.NaN, Double.NaN)).isEqualTo("VALUE");
        assertThat(form(0, 100, 32_767, -32_768)).isEqualTo("SMALL / 1");
        assertThat(form(0, 32_768)).isEqualTo("WHOLE / 1");
        assertThat(form(100_000, 100_001, 99_000)).isEqualTo("SMALL / 1, differences");
        assertThat(form(1e12, 1e12 + 400_000, 1e12 + 800_000)).isEqualTo("WHOLE / 1, differences");
        assertThat(form(0.009, 0.3, 1.001, 71.483)).isEqualTo("WHOLE / 1000");
        assertThat(form(0.000_005, 0.3)).isEqualTo("WHOLE / 1000000");
        assertThat(form(0.5, Math.scalb(1.0, -40))).isEqualTo("SINGLE");
        assertThat(form(0.5, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0))
                .isEqualTo("SINGLE");
        assertThat(form(0.1, Math.PI)).isEqualTo("EXACT");
    }

    @Test
    void values_withNegativeZeroHaveNoScaledForm() {
        assertThat(form(0, -0.0, 0.5, 0.25)).isEqualTo("SINGLE");
        assertThat(form(0, -0.0, 0.1)).isEqualTo("EXACT");
    }

    @Test
    void values_besideALargeOneStayTheSame() {
        assertThat(form(0.001, 1, 2, 16, 32, -1, -9, 4_503_599_627_370_496.0, 100, 3))
                .isEqualTo("EXACT");
        assertThat(form(1, Double.NaN, 0.001)).isEqualTo("EXACT");
    }

    @Test
    void values_atTheLimitsOfDoubleStayTheSame() {
        assertThat(form(2.964393875E-314, 4.9E-324, 1E-9, 3.4028235677973366E38, 1.7976931348623157E308))
                .isEqualTo("EXACT");
        assertThat(form(1e39, 7.1e-46)).isEqualTo("EXACT");
        assertThat(form(-0x1p63, 0x1p63, 0)).isEqualTo("SINGLE");
        assertThat(form(0x1p53, 0x1p53 - 1, 0x1p53 - 2)).isEqualTo("SMALL / 1, differences");
    }

    @Test
    void values_withDecimalPlacesStayTheSame() {
        assertThat(form(0.009, 0.3, 1.001, 71.483, 0.000_005, 1_706_710_122.87, 0.30000000000000004))
                .isEqualTo("EXACT");
        assertThat(form(1_706_710_122.87, 1_706_710_123.5)).isEqualTo("SMALL / 100, differences");
    }

    /** A product with 1e-3 gives other bits for some of these. */
    @Test
    void thousandths_comeBackForEveryNumber() {
        double[] values = new double[2_000];
        for (int first = 0; first < 40_000; first += values.length) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (first + i) / 1e3;
            }
            assertThat(form(values)).contains(" / 1000");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void randomPieces_comeBack(long seed) {
        Random random = new Random(seed);
        for (int metric = 0; metric < 60; metric++) {
            int count = 1 + random.nextInt(300);
            long[] micros = times(random, count);
            double[] values = values(random, count);
            PieceValues form = pieces.put(metric, micros, values);
            assertThat(pieces.rows(metric))
                    .as("seed %d metric %d %s", seed, metric, form)
                    .isEqualTo(StoredPieces.rows(micros, values));
        }
    }

    private static long[] times(Random random, int count) {
        long unit = new long[] {1, 1_000, SECOND}[random.nextInt(3)];
        long units = PieceTimes.LENGTH / unit;
        return random.longs(0, units)
                .distinct()
                .limit(count)
                .sorted()
                .map(time -> NOON + time * unit)
                .toArray();
    }

    private static double[] values(Random random, int count) {
        double scale = Math.pow(10, random.nextInt(12));
        int kind = random.nextInt(6);
        long start = random.nextLong() >> random.nextInt(64);
        return random.longs(count)
                .mapToDouble(bits -> switch (kind) {
                    case 0 -> Double.longBitsToDouble(bits);
                    case 1 -> (bits >> 50) / scale;
                    case 2 -> (bits >> 33) / scale;
                    case 3 -> (start + (bits >> 40)) / scale;
                    case 4 -> (float) (bits / scale);
                    default -> bits % 3 == 0 ? -0.0 : (double) (bits % 5);
                })
                .map(value -> Double.isNaN(value) ? Double.NaN : value)
                .toArray();
    }

    @Test
    void gapsThatDoNotFit_comeBack() {
        long[] micros = {NOON, NOON + 1, NOON + 2_400_000_001L, NOON + 3_599_999_999L};
        pieces.put(1, micros, 1, 2, 3, 4);
        assertThat(pieces.rows(1)).isEqualTo(StoredPieces.rows(micros, 1, 2, 3, 4));
    }

    /** The largest step of three times does not fit into four bytes twice. */
    @Test
    void regularTimes_comeBack() {
        for (long[] micros : List.of(
                new long[] {NOON, NOON + 1_799_999_999L, NOON + 3_599_999_998L},
                new long[] {NOON + 1, NOON + 2, NOON + 3},
                StoredPieces.every(NOON + 9_999_999, 10 * SECOND, 360),
                new long[] {NOON, NOON + 1},
                new long[] {NOON, NOON + 1, NOON + 3})) {
            database.execute("TRUNCATE gpu_sample_piece, gpu_sample_times");
            double[] values =
                    LongStream.of(micros).mapToDouble(time -> time - NOON).toArray();
            pieces.put(1, micros, values);
            assertThat(pieces.rows(1)).isEqualTo(StoredPieces.rows(micros, values));
            assertThat(lookedUp(micros)).isEqualTo(values);
            long[] beside = LongStream.of(micros)
                    .flatMap(time -> LongStream.of(time - 1, time + 1))
                    .filter(time -> LongStream.of(micros).noneMatch(stored -> stored == time))
                    .toArray();
            assertThat(lookedUp(beside)).isEmpty();
        }
        assertThat(database.row("SELECT count(step) FROM gpu_sample_times")).isEqualTo("0");
    }

    private double[] lookedUp(long... micros) {
        return LongStream.of(micros)
                .mapToObj(time -> database.rows("SELECT gpu_sample_compacted(1, 1, timestamptz 'epoch' + " + time
                        + " * interval '1 microsecond', 0)"))
                .flatMap(List::stream)
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    @Test
    void oneSample_comesBack() {
        long[] last = {NOON + PieceTimes.LENGTH - 1};
        pieces.put(1, last, 5);
        assertThat(pieces.rows(1)).isEqualTo(StoredPieces.rows(last, 5));
    }

    @Test
    void times_refuseAnyOrderButAscending() {
        assertThatThrownBy(() -> PieceTimes.of(NOON + 1, NOON)).hasMessageContaining("is not a later time");
        assertThatThrownBy(() -> PieceTimes.of(NOON, NOON)).hasMessageContaining("is not a later time");
        assertThatThrownBy(() -> PieceTimes.of(NOON, NOON + PieceTimes.LENGTH))
                .hasMessageContaining("is not a later time in the hour from " + NOON);
        assertThatThrownBy(PieceTimes::of).hasMessage("times: there is none");
        assertThatThrownBy(PieceValues::of).hasMessage("values: there is none");
    }

    @Test
    void metricsWithTimesOfTheirOwn_keepThem() {
        List<long[]> times = List.of(
                StoredPieces.every(NOON, 10 * SECOND, 360),
                StoredPieces.every(NOON, 30 * SECOND, 120),
                StoredPieces.every(NOON + 37_250_001, 30 * SECOND, 119),
                new long[] {NOON + 1_023_500_000L});
        for (int metric = 0; metric < 8; metric++) {
            long[] micros = times.get(metric % 4);
            pieces.put(metric, micros, new double[micros.length]);
        }
        for (int metric = 0; metric < 8; metric++) {
            long[] micros = times.get(metric % 4);
            assertThat(pieces.rows(metric)).isEqualTo(StoredPieces.rows(micros, new double[micros.length]));
        }
        assertThat(database.count("gpu_sample_times")).isEqualTo(4);
    }

    @Test
    void arraysOfUnequalLength_areRefused() {
        pieces.put(1, StoredPieces.every(NOON, SECOND, 3), 1, 2, 3);
        for (String array : List.of(
                "small = small[:2]",
                "samples = 4",
                "labels_id = NULL, labels_ids = '{1, 2}'",
                "instance = NULL, instances = '{a, b, c, d}'",
                "scope = NULL, scopes = '{}'",
                "quality = NULL, qualities = '{1}'")) {
            assertRefused("UPDATE gpu_sample_piece SET " + array, CHECKED);
        }
        assertRefused("UPDATE gpu_sample_piece SET small = '{1, NULL, 3}'", "gpu_sample_piece_complete");
        assertRefused("UPDATE gpu_sample_piece SET single = '{1, 2, 3}'", "gpu_sample_piece_form");
        assertRefused("UPDATE gpu_sample_piece SET divisor = NULL", "gpu_sample_piece_form");
        assertRefused("UPDATE gpu_sample_piece SET divisor = 7", "gpu_sample_piece_divisor_check");
        assertRefused("UPDATE gpu_sample_times SET micros = '{0, 1}'", "gpu_sample_times_length");
        assertRefused("UPDATE gpu_sample_times SET step = NULL", "gpu_sample_times_length");
        assertRefused("UPDATE gpu_sample_times SET step = 0", "gpu_sample_times_step_check");
        assertRefused("UPDATE gpu_sample_times SET step = 1800000000", "gpu_sample_times_range");
        assertRefused(
                "UPDATE gpu_sample_times SET step = NULL, micros = '{0, 1, 1800000000}'", "gpu_sample_times_range");
        assertRefused("UPDATE gpu_sample_times SET step = NULL, micros = '{0, 1, NULL}'", "gpu_sample_times_range");
        assertRefused("UPDATE gpu_sample_times SET hour = hour + interval '1 second'", "hour_check");
    }

    /** The control of the test above: without the check, the view shows a sample without a value. */
    @Test
    void arraysOfUnequalLength_wouldGiveASampleWithoutValue() {
        pieces.put(1, StoredPieces.every(NOON, SECOND, 3), 1, 2, 3);
        database.execute("ALTER TABLE gpu_sample_piece DROP CONSTRAINT " + CHECKED);
        database.execute("UPDATE gpu_sample_piece SET small = small[:2]");
        assertThat(database.rows("SELECT metric_value FROM gpu_sample_unpacked ORDER BY ts"))
                .containsExactly("1", "2", "null");
    }

    private void assertRefused(String update, String constraint) {
        assertThatThrownBy(() -> database.execute(update))
                .as(update)
                .cause()
                .hasMessageContaining(constraint)
                .extracting("SQLState")
                .isEqualTo("23514");
    }

    @Test
    void differingColumns_comeBack() {
        pieces.put(1, StoredPieces.every(NOON, SECOND, 2), 1, 2);
        database.execute("UPDATE gpu_sample_piece SET labels_id = NULL, labels_ids = '{7, 8}', instance = NULL,"
                + " instances = '{gi:1, \"\"}', scope = NULL, scopes = '{1, 0}', quality = NULL, qualities = '{0, 4}'");
        assertThat(database.rows("SELECT labels_id, instance, scope, quality FROM gpu_sample_unpacked ORDER BY ts"))
                .containsExactly("7|gi:1|1|0", "8||0|4");
    }

    @Test
    void viewAndFunction_giveRawAndCompactedSamples() {
        database.execute("INSERT INTO gpu (gpu_no, uuid) VALUES (1, 'GPU-1');"
                + " INSERT INTO gpu_metric (metric_no, metric_name) VALUES (155, 'DCGM_FI_DEV_POWER_USAGE');"
                + " INSERT INTO gpu_labels VALUES (7, 'n1', '', '', '', 0, '', '', '', '{}', '2026-03-01');"
                + " INSERT INTO gpu_sample VALUES ('2026-03-01 12:00:05+00', 0, 3.5, 7, 1, 155, '', 0, 2)");
        pieces.put(155, StoredPieces.every(NOON, 10 * SECOND, 3), 1.5, 2.5, 3.5);
        assertThat(database.rows("SELECT ts, uuid, metric_name, metric_value, hostname, quality FROM gpu_telemetry"
                        + " ORDER BY ts"))
                .containsExactly(
                        "2026-03-01 12:00:00+00|GPU-1|DCGM_FI_DEV_POWER_USAGE|1.5|n1|0",
                        "2026-03-01 12:00:05+00|GPU-1|DCGM_FI_DEV_POWER_USAGE|3.5|n1|2",
                        "2026-03-01 12:00:10+00|GPU-1|DCGM_FI_DEV_POWER_USAGE|2.5|n1|0",
                        "2026-03-01 12:00:20+00|GPU-1|DCGM_FI_DEV_POWER_USAGE|3.5|n1|0");
        assertThat(database.rows("SELECT ts, metric_value FROM gpu_samples_between(1, 155, '2026-03-01 12:00:05+00',"
                        + " '2026-03-01 12:00:20+00') ORDER BY ts"))
                .containsExactly("2026-03-01 12:00:05+00|3.5", "2026-03-01 12:00:10+00|2.5");
        assertThat(database.rows("SELECT count(*) FROM gpu_samples_between(1, 155, '2026-03-01 11:00+00',"
                        + " '2026-03-01 12:00:00.000001+00')"))
                .containsExactly("1");
    }

    @Test
    void pieces_beginAlikeInEveryZone() {
        List<Long> starts = Stream.of(
                        "2026-03-01T11:59:59.999999Z",
                        "2026-03-01T12:00:00Z",
                        "2026-03-01T12:59:59.999999Z",
                        "2026-03-29T01:30:00Z",
                        "1969-12-31T23:59:59.999999Z")
                .map(time -> PieceTimes.hourOf(micros(time)))
                .toList();
        assertThat(starts)
                .containsExactly(
                        micros("2026-03-01T11:00:00Z"),
                        NOON,
                        NOON,
                        micros("2026-03-29T01:00:00Z"),
                        micros("1969-12-31T23:00:00Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"America/St_Johns", "Asia/Kathmandu", "Europe/Berlin"})
    void times_areTheSameInEveryZone(String zone) {
        long[] micros = {NOON, NOON + 900 * SECOND, NOON + 1_799 * SECOND, NOON + 1_800 * SECOND};
        pieces.in(zone).put(1, micros, 1, 2, 3, 4);
        assertThat(pieces.rows(1)).isEqualTo(StoredPieces.rows(micros, 1, 2, 3, 4));
        assertThat(database.rows("SELECT DISTINCT hour FROM gpu_sample_unpacked"))
                .containsExactly("2026-03-01 12:00:00+00");
    }
}

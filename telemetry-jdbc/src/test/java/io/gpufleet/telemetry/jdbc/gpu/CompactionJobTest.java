package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The days that a run compacts, how far, and what is left of them. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class CompactionJobTest {
    private static final String FAILED = "SELECT gpu_no, hour, failure FROM gpu_sample_hour WHERE failure IS NOT NULL";
    private static final String WRITTEN = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables";

    @Parameter
    PostgresVersion version;

    private CompactionFixture samples;

    @BeforeEach
    void create() {
        samples = new CompactionFixture(version.gpuDatabase(GpuLayout.NUMBERED)).with(CompactionFixture.DAY);
    }

    @Test
    void runOnce_compactsAnOldDayAndGivesItsSpaceBack() {
        samples.insert(2, "2026-03-01 11:50+00", 720);
        List<String> before = samples.samples();
        long bytesBefore = samples.bytes();
        List<CompactionJob.Progress> progress = new ArrayList<>();

        CompactionJob.Result result =
                samples.job().progress(progress::add).build().runOnce();

        assertThat(result.heldBy()).isEmpty();
        assertThat(result.samples()).isEqualTo(2 * 3 * 720);
        CompactionJob.DayResult day = result.days().get(0);
        assertThat(day.waiting()).isEmpty();
        assertThat(day.failures()).isEmpty();
        assertThat(day.bytesBefore()).isEqualTo(bytesBefore);
        assertThat(day.bytesAfter()).isEqualTo(samples.bytes()).isLessThan(bytesBefore / 2);
        assertThat(samples.rows()).isZero();
        assertThat(samples.samples()).isEqualTo(before);
        assertThat(progress).hasSize(2 * 3).last().satisfies(last -> {
            assertThat(last.done()).isEqualTo(last.hours()).isEqualTo(6);
            assertThat(last.samples()).isEqualTo(2 * 3 * 720);
        });
        assertThat(samples.database()
                        .row("SELECT day, compacted_at IS NOT NULL, samples, bytes_before, bytes_after FROM"
                                + " gpu_sample_compaction"))
                .isEqualTo("2026-03-01|t|4320|" + bytesBefore + "|" + day.bytesAfter());
    }

    /** As a driver reads numbers as texts, their last digits would be missing. */
    @ParameterizedTest
    @ValueSource(ints = {0, -10})
    void runOnce_keepsEveryBitInADatabaseWithShortNumbers(int digits) {
        samples.insert(1, "2026-03-01 11:50+00", 2);
        samples.database().execute("UPDATE gpu_sample SET metric_value = 0.1::float8 + 0.2 + metric_value");
        List<String> before = samples.samples();
        samples.database().configure("extra_float_digits", digits);
        assertThat(samples.job(samples.database().newConnections())
                        .build()
                        .runOnce()
                        .failures())
                .isEmpty();
        assertThat(samples.rows()).isZero();
        assertThat(samples.samples()).isEqualTo(before);
    }

    @Test
    void runOnce_leavesYoungDaysAndThoseWithoutRows() {
        samples.with(LocalDate.parse("2026-02-27"))
                .with(LocalDate.parse("2026-03-02"))
                .insert(1, "2026-03-01 23:59:50+00", 2);

        CompactionJob.Result result = samples.job().build().runOnce();

        assertThat(result.days()).extracting(CompactionJob.DayResult::day).containsExactly(CompactionFixture.DAY);
        assertThat(samples.database().rows("SELECT DISTINCT ts FROM gpu_sample"))
                .containsExactly("2026-03-02 00:00:00+00");
    }

    @Test
    void dryRun_tellsTheWorkAndChangesNothing() {
        samples.insert(1, "2026-03-01 11:50+00", 2);
        CompactionJob.Result result = samples.job().build().dryRun();
        assertThat(result.days()).singleElement().satisfies(day -> {
            assertThat(day.day()).isEqualTo(CompactionFixture.DAY);
            assertThat(day.samples()).isEqualTo(6);
            assertThat(day.bytesAfter()).isEqualTo(day.bytesBefore()).isEqualTo(samples.bytes());
        });
        assertThat(samples.rows()).isEqualTo(6);
        assertThat(samples.database().count("gpu_sample_compaction")).isZero();
        assertThat(samples.database().count("gpu_compaction_lease")).isZero();
    }

    /** A run writes what was late and nothing else, and the day does not grow. */
    @Test
    void runOnce_fiftyTimesForLateSamplesDoesNotGrowTheDay() {
        samples.insert(2, "2026-03-01 00:00+00", 8640);
        CompactionJob job = samples.job().build();
        job.runOnce();
        long first = samples.bytes();
        for (int run = 0; run < 50; run++) {
            samples.database()
                    .execute(
                            "INSERT INTO gpu_sample VALUES (timestamptz '2026-03-01 00:00:01+00' + %d * interval '29 minutes', 0, 1, 7, 1, 1, '', 0, 2)"
                                    .formatted(run % 49));
            CompactionJob.DayResult day = job.runOnce().days().get(0);
            assertThat(day.waiting()).isEmpty();
            assertThat(day.samples()).isBetween(360L, 363L);
        }
        assertThat(samples.rows()).isZero();
        assertThat(samples.bytes()).isLessThanOrEqualTo(first * 12 / 10);
    }

    @Test
    void runOnce_withoutWorkWritesNoRow() {
        samples.insert(1, "2026-03-01 11:50+00", 2);
        CompactionJob job = samples.job().build();
        job.runOnce();
        String before = samples.database().row(WRITTEN);
        CompactionJob.Result result = job.runOnce();
        assertThat(result.days()).isEmpty();
        assertThat(result.heldBy()).isEmpty();
        assertThat(samples.database().row(WRITTEN)).isEqualTo(before);
    }

    @Test
    void runOnce_leavesAnHourThatFailsAndTriesItAgain() {
        samples.insert(2, "2026-03-01 11:50+00", 120);
        List<String> before = samples.samples();
        samples.database()
                .execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " IF NEW.gpu_no = 1 AND NEW.hour = '2026-03-01 11:00+00' THEN RAISE 'no room'; END IF;"
                        + " RETURN NEW; END $$; CREATE TRIGGER refuse BEFORE INSERT ON gpu_sample_piece"
                        + " FOR EACH ROW EXECUTE FUNCTION refuse()");
        CompactionJob job = samples.job().build();

        CompactionJob.DayResult failed = job.runOnce().days().get(0);
        assertThat(failed.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.gpu()).isEqualTo(1);
            assertThat(failure.hour()).isEqualTo("2026-03-01T11:00:00Z");
            assertThat(failure.reason()).contains("no room");
        });
        assertThat(failed.waiting())
                .hasValueSatisfying(reason -> assertThat(reason).contains("has rows"));
        assertThat(samples.samples()).isEqualTo(before);
        assertThat(samples.rows()).isEqualTo(3 * 60);
        assertThat(samples.database().row(FAILED))
                .startsWith("1|2026-03-01 11:00:00+00|")
                .contains("no room");
        assertThat(samples.database().row("SELECT compacted_at IS NULL FROM gpu_sample_compaction"))
                .isEqualTo("t");

        samples.database().execute("DROP TRIGGER refuse ON gpu_sample_piece");
        CompactionJob.DayResult again = job.runOnce().days().get(0);
        assertThat(again.failures()).isEmpty();
        assertThat(again.waiting()).isEmpty();
        assertThat(samples.rows()).isZero();
        assertThat(samples.samples()).isEqualTo(before);
        assertThat(samples.database().rows(FAILED)).isEmpty();
    }

    @Test
    void runOnce_goesOnBehindADayThatCannotBeOpened() {
        samples.database()
                .execute(
                        "CREATE TABLE gpu_sample_piece_20260301 (other integer); CREATE TABLE gpu_sample_20260302"
                                + " PARTITION OF gpu_sample FOR VALUES FROM ('2026-03-02 00:00+00') TO ('2026-03-03 00:00+00')");
        samples.insert(1, "2026-03-01 11:50+00", 2).insert(1, "2026-03-02 11:50+00", 2);
        assertThatThrownBy(() -> samples.job().afterDays(1).build().runOnce())
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("gpu_sample_piece_20260301");
        assertThat(samples.database().rows("SELECT DISTINCT hour FROM gpu_sample_piece"))
                .containsExactly("2026-03-02 11:00:00+00");
    }

    /** A partition of another length: its days are compacted, and its space comes back with the last of them. */
    @Test
    void runOnce_compactsDaysOfALongPartition() {
        samples.database()
                .execute("DROP TABLE gpu_sample_20260301; CREATE TABLE gpu_sample_long PARTITION OF gpu_sample"
                        + " FOR VALUES FROM ('2026-02-28 00:00+00') TO ('2026-03-05 00:00+00')");
        samples.insert(1, "2026-02-28 23:00+00", 720).insert(1, "2026-03-02 11:00+00", 1);
        List<String> before = samples.samples();

        CompactionJob.Result result = samples.job().build().runOnce();
        assertThat(result.days())
                .extracting(CompactionJob.DayResult::day, CompactionJob.DayResult::samples)
                .containsExactly(tuple(CompactionFixture.DAY.minusDays(1), 1080L), tuple(CompactionFixture.DAY, 1080L));
        assertThat(result.days()).allSatisfy(day -> assertThat(day.waiting()).isPresent());
        assertThat(samples.samples()).isEqualTo(before);
        assertThat(samples.rows()).isEqualTo(3);

        CompactionJob.Result later = samples.job().afterDays(1).build().runOnce();
        assertThat(later.days()).singleElement().satisfies(day -> {
            assertThat(day.day()).isEqualTo(CompactionFixture.DAY.plusDays(1));
            assertThat(day.waiting()).isEmpty();
        });
        assertThat(samples.job().afterDays(1).build().runOnce().days()).isEmpty();
        assertThat(samples.samples()).isEqualTo(before);
        assertThat(samples.database().row("SELECT pg_relation_size('gpu_sample_long')"))
                .isEqualTo("0");
    }

    @Test
    void runOnce_keepsTheOrderOfACounterAcrossPieces() {
        samples.database()
                .execute("INSERT INTO gpu_sample SELECT timestamptz '2026-03-01 12:59:40+00' + (n - 1) * interval"
                        + " '10 seconds', 0, v, 7, 1, 156, '', 0, 0 FROM unnest(ARRAY[95.0, 100, 97, 107])"
                        + " WITH ORDINALITY AS a(v, n)");
        String increase = "SELECT sum(CASE WHEN v >= p THEN v - p ELSE v END) FROM (SELECT metric_value AS v,"
                + " lag(metric_value) OVER (ORDER BY ts) AS p FROM gpu_samples_between(1, 156,"
                + " '2026-03-01 12:00+00', '2026-03-01 14:00+00')) AS s WHERE p IS NOT NULL";
        assertThat(samples.database().row(increase)).isEqualTo("112");
        samples.job()
                .progress(done -> assertThat(samples.database().row(increase)).isEqualTo("112"))
                .build()
                .runOnce();
        assertThat(samples.rows()).isZero();
        assertThat(samples.database().row(increase)).isEqualTo("112");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 36_501})
    void afterDays_isLimited(int days) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> samples.job().afterDays(days))
                .withMessage("afterDays: " + days + " is not between 1 and 36500");
    }

    /**
     * With a share of a tenth, the rest after an hour is nine times as long as its work, of which the receiver is a
     * part.
     */
    @Test
    void runOnce_restsForItsShare() {
        samples.insert(3, "2026-03-01 11:00+00", 100);
        List<Long> begins = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        CompactionJob job = samples.job()
                .share(0.1)
                .progress(done -> {
                    begins.add(System.nanoTime());
                    while (System.nanoTime() - begins.get(begins.size() - 1) < 5_000_000) {
                        Thread.onSpinWait();
                    }
                    ends.add(System.nanoTime());
                })
                .build();
        job.runOnce();
        assertThat(ends).hasSize(3);
        for (int hour = 1; hour < 3; hour++) {
            assertThat(begins.get(hour) - ends.get(hour - 1))
                    .isGreaterThanOrEqualTo(9 * (ends.get(hour - 1) - begins.get(hour - 1)));
        }
        assertThat(samples.rows()).isZero();
    }
}

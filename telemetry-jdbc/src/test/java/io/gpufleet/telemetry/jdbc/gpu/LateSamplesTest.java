package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.Samples.NOON;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.gpu;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.sample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryEvent.DuplicatesDropped;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples of compacted days: new ones are rows, and those of a piece are duplicates. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class LateSamplesTest {
    private static final LocalDate DAY = LocalDate.ofInstant(NOON, ZoneOffset.UTC);
    private static final Instant MIDNIGHT = DAY.atStartOfDay(ZoneOffset.UTC).toInstant();
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final GpuSubject GPU = gpu(1).build();
    private static final String VALUES =
            "SELECT to_char(ts AT TIME ZONE 'UTC', 'HH24:MI:SS'), metric_value FROM gpu_telemetry ORDER BY 1, 2";

    @Parameter
    PostgresVersion version;

    private Database database;
    private CompactedDay day;
    private Feed<GpuSample> feed;

    @BeforeEach
    void open() {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
        day = CompactedDay.ofSamples(database, DAY);
        feed = feed("g");
    }

    private Feed<GpuSample> feed(String group) {
        return Feed.open(GpuSampleSink.create(database.dataSource()), Feed.P0, group);
    }

    private void writeTemperatures(double... values) {
        List<GpuSample> samples = new ArrayList<>();
        for (int i = 0; i < values.length; i += 2) {
            samples.add(sample(GPU, TEMP, values[i + 1], NOON.plusSeconds((long) values[i])));
        }
        Samples.write(feed, samples);
    }

    /** Returns the samples of three GPUs and four metrics, every four minutes. */
    private static List<GpuSample> wholeDay() {
        List<GpuSample> samples = new ArrayList<>();
        for (int number = 1; number <= 3; number++) {
            GpuSubject subject = gpu(number).build();
            for (int i = 0; i < 360; i++) {
                for (int metric = 1; metric <= 4; metric++) {
                    samples.add(sample(subject, "metric_" + metric, i % 50 / 8.0, MIDNIGHT.plusSeconds(240L * i)));
                }
            }
        }
        return samples;
    }

    /** The place and version of each row: an update would give it others. */
    private List<String> gpuRows() {
        return database.rows("SELECT ctid, xmin, * FROM gpu ORDER BY gpu_no");
    }

    @Test
    void replay_ofACompactedDayInsertsNothing() {
        List<GpuSample> samples = wholeDay();
        Samples.write(feed, samples);
        day.open().compact();
        List<String> gpus = gpuRows();
        Feed<GpuSample> fresh = feed("fresh");
        Samples.write(fresh, samples);
        assertThat(fresh.events()).containsExactly(new DuplicatesDropped(4_320, 0));
        assertThat(database.count("gpu_sample")).isZero();
        assertThat(database.count("gpu_sample_unpacked")).isEqualTo(4_320);
        assertThat(gpuRows()).isEqualTo(gpus);
    }

    /** After a key has collided, a hundred batches are inserted with care; the next one is not. */
    @Test
    void replay_afterAHundredBatchesInsertsNothing() {
        List<GpuSample> samples = wholeDay();
        Samples.write(feed, samples);
        day.open().compact();
        GpuSample today = sample(GPU, TEMP, 1, MIDNIGHT.plusSeconds(86_400));
        for (int batch = 0; batch < 102; batch++) {
            Samples.write(feed, List.of(today));
        }
        List<String> gpus = gpuRows();
        Samples.write(feed, samples);
        assertThat(feed.events()).hasSize(102).endsWith(new DuplicatesDropped(4_320, 0));
        assertThat(database.count("gpu_sample")).isEqualTo(1);
        assertThat(gpuRows()).isEqualTo(gpus);
    }

    @Test
    void write_ofKnownAndNewSamplesInsertsTheNewOnes() {
        writeTemperatures(0, 40, 60, 41);
        day.open().compact();
        writeTemperatures(0, 40, 30, 42, 60, 41, 90, 43);
        assertThat(feed.events()).containsExactly(new DuplicatesDropped(2, 0));
        List<String> all = List.of("12:00:00|40", "12:00:30|42", "12:01:00|41", "12:01:30|43");
        assertThat(database.rows(VALUES)).isEqualTo(all);
        assertThat(database.count("gpu_sample")).isEqualTo(2);
        day.compact();
        assertThat(database.rows(VALUES)).isEqualTo(all);
        assertThat(database.count("gpu_sample")).isZero();
    }

    @Test
    void write_keepsTheCompactedValueAndCountsConflicts() {
        writeTemperatures(0, 40, 60, 0.0);
        day.open().compact();
        writeTemperatures(0, 41);
        writeTemperatures(1, 50, 0, 41, 60, -0.0, 0, 40, 0, 42, 1, 51, 2, 52, 2, 52);
        assertThat(feed.events()).containsExactly(new DuplicatesDropped(1, 1), new DuplicatesDropped(6, 3));
        writeTemperatures(1, 53, 2, 52);
        assertThat(feed.events()).endsWith(new DuplicatesDropped(2, 1));
        List<String> first = List.of("12:00:00|40", "12:00:01|50", "12:00:02|52", "12:01:00|0");
        assertThat(database.rows(VALUES)).isEqualTo(first);
        day.compact();
        writeTemperatures(0, 41, 1, 51);
        assertThat(feed.events()).endsWith(new DuplicatesDropped(2, 2));
        assertThat(database.rows(VALUES)).isEqualTo(first);
    }

    /** The others are so many that they are copied. */
    @Test
    void write_ofCompactedAndOtherDaysInsertsEachOnce() {
        writeTemperatures(0, 40);
        day.open().compact();
        List<GpuSample> samples = new ArrayList<>(List.of(sample(GPU, TEMP, 40, NOON), sample(GPU, TEMP, 41, NOON)));
        for (int i = 1; i <= 1_000; i++) {
            samples.add(sample(GPU, TEMP, i, NOON.plusSeconds(86_400 + i)));
        }
        samples.add(sample(GPU, TEMP, 50, NOON.plusSeconds(1)));
        Samples.write(feed, samples);
        assertThat(feed.events()).containsExactly(new DuplicatesDropped(2, 1));
        Samples.write(feed, samples);
        assertThat(feed.events()).endsWith(new DuplicatesDropped(1_003, 1));
        assertThat(database.count("gpu_telemetry")).isEqualTo(1_002);
        assertThat(database.rows("SELECT gpu_no, hour FROM gpu_sample_hour"))
                .containsExactly("1|2026-11-20 12:00:00+00");
    }

    /** Hours without rows have no lock row yet; the times of all hours are found again in any zone. */
    @ParameterizedTest
    @ValueSource(strings = {"UTC", "America/St_Johns"})
    void write_locksTheHoursOfItsSamples(String zone) {
        database.execute("ALTER ROLE CURRENT_USER IN DATABASE " + database.row("SELECT current_database()")
                + " SET timezone = '" + zone + "'");
        day.open();
        feed = Feed.open(GpuSampleSink.create(database.newConnections()), Feed.P0, "zone");
        writeTemperatures(-43_200, 1, -1, 2, 0, 3, 43_199.0, 4);
        assertThat(database.rows("SELECT gpu_no, hour, failure FROM gpu_sample_hour ORDER BY hour"))
                .containsExactly(
                        "1|2026-11-20 00:00:00+00|null",
                        "1|2026-11-20 11:00:00+00|null",
                        "1|2026-11-20 12:00:00+00|null",
                        "1|2026-11-20 23:00:00+00|null");
    }

    /** The place of a sample in its piece is that of its time, whatever the form of the values. */
    @Test
    void replay_findsTheValuesOfAllForms() {
        List<GpuSample> samples = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Instant time = NOON.plusSeconds(60L * i).plusNanos(1_000L * (i % 7));
            samples.add(sample(GPU, "constant", 7, time));
            samples.add(sample(GPU, "small", i / 10.0, time));
            samples.add(sample(GPU, "whole", i * 70_000.25, time));
            samples.add(sample(GPU, "counter", 1e12 + i * 1_000_003.0, time));
            samples.add(sample(GPU, "single", (float) Math.sqrt(i), time));
            samples.add(sample(GPU, "exact", Math.sin(i), time));
        }
        Samples.write(feed, samples);
        day.open().compact();
        Samples.write(feed, samples);
        assertThat(feed.events()).containsExactly(new DuplicatesDropped(240, 0));
        assertThat(database.row("SELECT count(small) > 0, count(whole) > 0, count(single) > 0, count(exact) > 0,"
                        + " count(value) > 0, count(base) > 0 FROM gpu_sample_piece"))
                .isEqualTo("t|t|t|t|t|t");
        List<GpuSample> others = samples.stream()
                .map(s -> sample(s.subject(), s.metric().name(), Math.nextUp(s.value()), s.time()))
                .toList();
        Samples.write(feed, others);
        assertThat(feed.events()).endsWith(new DuplicatesDropped(240, 240));
    }

    @Test
    void open_namesWhatAnOlderInstallationLacks() {
        database.execute("DROP FUNCTION gpu_sample_compacted(integer, integer, timestamptz, bigint)");
        assertThatThrownBy(() -> feed("h"))
                .isInstanceOf(SinkException.class)
                .hasMessageContaining("function \"gpu_sample_compacted\"(integer, integer, timestamp with time zone,"
                        + " bigint) is missing. Install the telemetry tables");
        database.execute("DROP TABLE gpu_sample_compaction");
        assertThatThrownBy(() -> feed("h")).hasMessageContaining("table \"gpu_sample_compaction\" is missing");
    }

    @Test
    void write_failsIfARowForLocksIsDropped() {
        day.open();
        database.execute(
                "CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
                        + " CREATE TRIGGER drop_it BEFORE INSERT ON gpu_sample_hour_20261120 FOR EACH ROW EXECUTE FUNCTION drop_it()");
        assertThatThrownBy(() -> writeTemperatures(0, 40))
                .isInstanceOf(SinkException.class)
                .hasMessageContaining("table \"gpu_sample_hour\": 0 of 1 rows of hours are there");
        assertThat(database.count("gpu_sample")).isZero();
    }
}

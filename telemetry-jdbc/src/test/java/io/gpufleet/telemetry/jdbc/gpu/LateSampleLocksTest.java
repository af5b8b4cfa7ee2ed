package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.Samples.NOON;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.gpu;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.sample;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.TelemetryEvent.DuplicatesDropped;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.Pools;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Writers and a compaction of the same hours at the same time: no sample is twice, none is lost. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class LateSampleLocksTest {
    private static final LocalDate DAY = LocalDate.ofInstant(NOON, ZoneOffset.UTC);
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final String VALUES =
            "SELECT to_char(ts AT TIME ZONE 'UTC', 'HH24:MI:SS'), metric_value FROM gpu_telemetry ORDER BY 1, 2";

    @Parameter
    PostgresVersion version;

    private Database database;
    private CompactedDay day;
    private HikariDataSource pool;
    private StandingThread standing;

    @BeforeEach
    void open() {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
        day = CompactedDay.ofSamples(database, DAY);
        pool = Pools.of(database, 8);
        standing = new StandingThread(database);
    }

    @AfterEach
    void close() {
        standing.close();
        pool.close();
    }

    private Feed<GpuSample> feed(String group) {
        return Feed.open(GpuSampleSink.create(pool), Feed.P0, group);
    }

    /** Returns a writer that stands in its transaction after all steps. */
    private Feed<GpuSample> standing(String group) {
        return Feed.open(
                GpuSampleSink.builder(pool)
                        .inTransaction((connection, batch) -> standing.stand())
                        .build(),
                Feed.P0,
                group);
    }

    private static GpuSample temperature(int second, double value) {
        return sample(gpu(1).build(), TEMP, value, NOON.plusSeconds(second));
    }

    private static void write(Feed<GpuSample> feed, GpuSample... samples) {
        Samples.write(feed, List.of(samples));
    }

    private Future<?> compactAndStand() throws InterruptedException {
        return standing.startAndAwait(() -> day.inTransaction(connection -> {
            day.compact(connection, 1, CompactedDay.hourOf(NOON));
            standing.stand();
        }));
    }

    /** The row for locks exists, so that only its lock holds the writer up. */
    @Test
    void replay_whileThePieceIsWrittenIsADuplicate() throws Exception {
        write(feed("first"), temperature(0, 40));
        day.open().compact();
        write(feed("late"), temperature(1, 41));
        Feed<GpuSample> replay = feed("replay");
        Future<?> compaction = compactAndStand();
        Future<?> writer = standing.start(() -> write(replay, temperature(0, 40), temperature(1, 41)));
        standing.awaitLockWaits(1);
        standing.goOn(compaction, writer);
        assertThat(replay.events()).containsExactly(new DuplicatesDropped(2, 0));
        assertThat(database.rows(VALUES)).containsExactly("12:00:00|40", "12:00:01|41");
        assertThat(database.count("gpu_sample")).isZero();
    }

    @Test
    void lateSample_whileThePieceIsWrittenStaysARow() throws Exception {
        write(feed("first"), temperature(0, 40));
        day.open();
        Feed<GpuSample> late = feed("late");
        Future<?> compaction = compactAndStand();
        Future<?> writer = standing.start(() -> write(late, temperature(1, 41)));
        standing.awaitLockWaits(1);
        standing.goOn(compaction, writer);
        assertThat(late.events()).isEmpty();
        assertThat(database.rows(VALUES)).containsExactly("12:00:00|40", "12:00:01|41");
        day.compact();
        assertThat(database.rows(VALUES)).containsExactly("12:00:00|40", "12:00:01|41");
    }

    @Test
    void compaction_waitsForAWriterOfTheHour() throws Exception {
        write(feed("first"), temperature(0, 40));
        day.open();
        Feed<GpuSample> late = standing("late");
        Future<?> writer = standing.startAndAwait(() -> write(late, temperature(1, 41), temperature(0, 40)));
        Future<?> compaction = standing.start(() -> day.compact());
        standing.awaitLockWaits(1);
        standing.goOn(writer, compaction);
        assertThat(late.events()).containsExactly(new DuplicatesDropped(1, 0));
        assertThat(database.count("gpu_sample")).isZero();
        assertThat(database.rows(VALUES)).containsExactly("12:00:00|40", "12:00:01|41");
    }

    @Test
    void opening_waitsForAWriterThatDoesNotKnowTheDay() throws Exception {
        Feed<GpuSample> first = standing("first");
        Future<?> writer = standing.startAndAwait(() -> write(first, temperature(0, 40)));
        Future<?> opening = standing.start(() -> day.open().compact());
        standing.awaitLockWaits(1);
        standing.goOn(writer, opening);
        assertThat(database.count("gpu_sample")).isZero();
        assertThat(database.rows(VALUES)).containsExactly("12:00:00|40");
    }

    @Test
    void writer_thatWaitsForTheOpeningKnowsTheDay() throws Exception {
        write(feed("first"), temperature(0, 40));
        Feed<GpuSample> replay = feed("replay");
        Future<?> opening = standing.startAndAwait(() -> day.inTransaction(connection -> {
            day.open(connection);
            day.compact(connection, 1, CompactedDay.hourOf(NOON));
            standing.stand();
        }));
        Future<?> writer = standing.start(() -> write(replay, temperature(0, 41)));
        standing.awaitLockWaits(1);
        standing.goOn(opening, writer);
        assertThat(replay.events()).containsExactly(new DuplicatesDropped(1, 1));
        assertThat(database.rows(VALUES)).containsExactly("12:00:00|40");
    }

    /** Four writers of three GPUs, three days and four hours of each, while the days are opened and compacted. */
    @Test
    void writersAndCompactions_neitherDeadlockNorCountASampleTwice() throws Exception {
        database.execute(InsertedSamples.CREATE);
        List<Callable<Void>> all = new ArrayList<>();
        CountDownLatch writing = new CountDownLatch(4);
        for (int number = 0; number < 4; number++) {
            Feed<GpuSample> writer = counting("writer" + number);
            Random random = new Random(number);
            all.add(() -> {
                try {
                    for (int batch = 0; batch < 40; batch++) {
                        Samples.write(writer, randomSamples(random));
                    }
                } finally {
                    writing.countDown();
                }
                return null;
            });
        }
        for (int ahead = 0; ahead < 3; ahead++) {
            CompactedDay other = CompactedDay.ofSamples(database, DAY.plusDays(ahead));
            all.add(() -> {
                other.open();
                while (writing.getCount() > 0) {
                    other.compact();
                }
                return null;
            });
        }
        standing.runAll(all);
        assertThat(database.row("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                .isEqualTo("0");
        assertThat(database.row("SELECT count(DISTINCT (uuid, ts)) = count(*) FROM gpu_telemetry"))
                .isEqualTo("t");
        assertThat(database.row("SELECT sum(n) = (SELECT count(*) FROM gpu_telemetry) FROM seen"))
                .isEqualTo("t");
        assertThat(database.count("gpu_sample_unpacked")).isPositive();
    }

    /**
     * Two writers of the same new hours, one of them from the last sample to the first. A session that inserts one of
     * these hours, and then does not, holds both up in the middle. Their labels are known with a later day, so that
     * they do not wait for each other before.
     */
    @Test
    void writersOfNewHours_insertThemInOneOrder() throws Exception {
        List<GpuSample> samples = samplesOf(DAY);
        List<GpuSample> reversed = new ArrayList<>(samples);
        Collections.reverse(reversed);
        List<Feed<GpuSample>> feeds = List.of(feed("forward"), feed("backward"));
        feeds.forEach(feed -> Samples.write(feed, samplesOf(DAY.plusDays(1))));
        day.open();
        Future<?> session = standing.startAndAwait(() -> day.inTransaction(connection -> {
            day.insertHour(connection, 3, CompactedDay.hourOf(NOON));
            standing.stand();
            connection.rollback();
        }));
        Future<?> forward = standing.start(() -> Samples.write(feeds.get(0), samples));
        Future<?> backward = standing.start(() -> Samples.write(feeds.get(1), reversed));
        standing.awaitLockWaits(2);
        standing.goOn(session, forward, backward);
        assertThat(database.count("gpu_sample_hour")).isEqualTo(24 * 5);
        assertThat(database.row("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                .isEqualTo("0");
    }

    /** Returns a sample of each of five GPUs and each hour. */
    private static List<GpuSample> samplesOf(LocalDate ofDay) {
        Instant midnight = ofDay.atStartOfDay(ZoneOffset.UTC).toInstant();
        List<GpuSample> samples = new ArrayList<>();
        for (int number = 1; number <= 5; number++) {
            GpuSubject subject = gpu(number).build();
            for (int hour = 0; hour < 24; hour++) {
                samples.add(sample(subject, TEMP, 1, midnight.plusSeconds(3_600L * hour)));
            }
        }
        return samples;
    }

    /** Returns a writer that counts the samples that were really inserted. */
    private Feed<GpuSample> counting(String group) {
        return Feed.open(
                GpuSampleSink.builder(pool)
                        .fold(new InsertedSamples(), InsertedSamples.TABLE)
                        .build(),
                Feed.P0,
                group);
    }

    private static List<GpuSample> randomSamples(Random random) {
        List<GpuSample> samples = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            GpuSubject subject = gpu(1 + random.nextInt(3)).build();
            Instant time = NOON.plusSeconds(
                    86_400L * random.nextInt(3) + 3_600L * random.nextInt(4) + 60L * random.nextInt(10));
            samples.add(sample(subject, TEMP, 1, time));
        }
        return samples;
    }
}

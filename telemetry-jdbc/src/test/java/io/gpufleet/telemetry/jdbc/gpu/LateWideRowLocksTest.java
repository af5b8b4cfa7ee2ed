package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.Samples.NOON;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.gpu;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.sample;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.Pools;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
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

/** Writers and a compaction of the same wide rows at the same time: no reading is lost. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class LateWideRowLocksTest {
    private static final LocalDate DAY = LocalDate.ofInstant(NOON, ZoneOffset.UTC);
    private static final long HOUR = CompactedDay.hourOf(NOON);
    private static final WideRows GRID = WideRows.inGrid(Duration.ofSeconds(30));
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final String POWER = "DCGM_FI_DEV_POWER_USAGE";
    private static final String CLOCK = "DCGM_FI_DEV_SM_CLOCK";
    private static final String USED = "DCGM_FI_DEV_FB_USED";
    private static final String ROWS =
            "SELECT (to_jsonb(m) - 'gpu_no')::text FROM gpu_metrics_by_uuid AS m" + " ORDER BY gpu_uuid, time";
    private static final String CELL = "SELECT gpu_temp, power_usage FROM gpu_metrics_by_uuid ORDER BY time";

    @Parameter
    PostgresVersion version;

    private Database database;
    private CompactedDay day;
    private HikariDataSource pool;
    private StandingThread standing;

    @BeforeEach
    void open() {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
        day = CompactedDay.ofWideRows(database, DAY);
        pool = Pools.of(database, 8);
        standing = new StandingThread(database);
    }

    @AfterEach
    void close() {
        standing.close();
        pool.close();
    }

    private Messages messages(String group) {
        return Messages.open(GpuMetricsSink.builder(pool, GRID).build(), Feed.P0, group);
    }

    /** Returns a writer that stands in its transaction after all steps. */
    private Messages standing(String group) {
        return Messages.open(
                GpuMetricsSink.builder(pool, GRID)
                        .inTransaction((connection, batch) -> standing.stand())
                        .build(),
                Feed.P0,
                group);
    }

    private static GpuSample reading(String metric, double value, int second) {
        return sample(gpu(1).build(), metric, value, NOON.plusSeconds(second));
    }

    private Future<?> compactAndStand() throws InterruptedException {
        return standing.startAndAwait(() -> day.inTransaction(connection -> {
            day.compact(connection, 1, HOUR);
            standing.stand();
        }));
    }

    @Test
    void lateReading_whileThePieceIsWrittenJoinsItsRow() throws Exception {
        messages("first").write(reading(TEMP, 60, 2));
        day.open();
        Messages late = messages("late");
        Future<?> compaction = compactAndStand();
        Future<?> writer = standing.start(() -> late.write(reading(POWER, 300, 4)));
        standing.awaitLockWaits(1);
        standing.goOn(compaction, writer);
        assertThat(database.rows(CELL)).containsExactly("60|300");
        assertThat(day.compact()).isEqualTo(1);
        assertThat(database.rows(CELL)).containsExactly("60|300");
    }

    /** Without the lock the copy of the row is that of the piece before, and hides the one that was merged. */
    @Test
    void lateReading_whileThePieceIsMergedJoinsItsRow() throws Exception {
        messages("first").write(reading(TEMP, 60, 2));
        day.open().compact();
        messages("other").write(reading(POWER, 300, 4));
        Messages late = messages("late");
        Future<?> compaction = compactAndStand();
        Future<?> writer = standing.start(() -> late.write(reading(CLOCK, 1980, 6)));
        standing.awaitLockWaits(1);
        standing.goOn(compaction, writer);
        assertThat(database.rows("SELECT gpu_temp, power_usage, sm_clock_mhz FROM gpu_metrics_by_uuid"))
                .containsExactly("60|300|1980");
    }

    @Test
    void compaction_waitsForAWriterOfTheHour() throws Exception {
        messages("first").write(reading(TEMP, 60, 2));
        day.open().compact();
        Messages late = standing("late");
        Future<?> writer = standing.startAndAwait(() -> late.write(reading(POWER, 300, 4)));
        Future<Long> compaction = standing.call(() -> day.compact(1, HOUR));
        standing.awaitLockWaits(1);
        standing.goOn(writer);
        assertThat(compaction.get()).isEqualTo(1);
        assertThat(database.count("gpu_metrics")).isZero();
        assertThat(database.rows(CELL)).containsExactly("60|300");
    }

    @Test
    void writer_thatWaitsForTheOpeningKnowsTheDay() throws Exception {
        messages("first").write(reading(TEMP, 60, 2));
        Messages late = messages("late");
        Future<?> opening = standing.startAndAwait(() -> day.inTransaction(connection -> {
            day.open(connection);
            day.compact(connection, 1, HOUR);
            standing.stand();
        }));
        Future<?> writer = standing.start(() -> late.write(reading(POWER, 300, 4)));
        standing.awaitLockWaits(1);
        standing.goOn(opening, writer);
        assertThat(database.rows(CELL)).containsExactly("60|300");
    }

    /** A grid depends on the set of samples only: so concurrent writers and compactions give the rows of one writer. */
    @Test
    void writersAndCompactions_neitherDeadlockNorLoseAReading() throws Exception {
        List<List<List<GpuSample>>> all = new ArrayList<>();
        for (int writer = 0; writer < 3; writer++) {
            all.add(batches(new Random(writer)));
        }
        Messages plain = messages("plain");
        all.forEach(batches -> batches.forEach(
                batch -> plain.write(batch.stream().map(List::of).toList())));
        List<String> expected = database.rows(ROWS);
        database.execute("TRUNCATE gpu_metrics, gpu_mig_metrics");

        day.open();
        CountDownLatch writing = new CountDownLatch(all.size());
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int writer = 0; writer < all.size(); writer++) {
            List<List<GpuSample>> batches = all.get(writer);
            Messages messages = messages("writer" + writer);
            tasks.add(() -> {
                batches.forEach(
                        batch -> messages.write(batch.stream().map(List::of).toList()));
                writing.countDown();
                return null;
            });
        }
        tasks.add(() -> {
            while (writing.getCount() > 0) {
                day.compact();
            }
            return null;
        });
        standing.runAll(tasks);
        assertThat(database.row("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                .isEqualTo("0");
        assertThat(database.rows(ROWS)).isEqualTo(expected);
        day.compact();
        assertThat(database.rows(ROWS)).isEqualTo(expected);
    }

    private static List<List<GpuSample>> batches(Random random) {
        List<List<GpuSample>> batches = new ArrayList<>();
        for (int batch = 0; batch < 15; batch++) {
            List<GpuSample> samples = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                GpuSubject.Builder subject = gpu(1 + random.nextInt(3));
                String metric = List.of(TEMP, POWER, USED).get(random.nextInt(3));
                if (metric.equals(USED)) {
                    subject.migInstance(String.valueOf(7 + random.nextInt(2)));
                }
                Instant time = NOON.plusSeconds(600L * random.nextInt(18) + random.nextInt(60));
                samples.add(sample(subject.build(), metric, 1 + random.nextInt(5), time));
            }
            batches.add(samples);
        }
        return batches;
    }
}

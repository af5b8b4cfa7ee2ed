package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.gpu.GpuMetricsSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleInvariant;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.WideRows;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Old days of samples, and the labels that only they have. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class GpuRetentionTest {
    private static final Instant NOON = Instant.parse("2024-03-10T12:00:00Z");
    private static final String LABELS = "SELECT labels ->> 'job', last_day FROM gpu_labels ORDER BY 1";

    @Parameter
    PostgresVersion version;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Database database;

    @BeforeEach
    void create() {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
        assertThat(GpuSampleInvariant.check(database.dataSource())).hasToString("Invariant holds");
    }

    private PostgresSink.Builder<GpuSample> sink() {
        return GpuSampleSink.builder(database.dataSource());
    }

    private static void write(Feed<GpuSample> feed, String job, Instant time) {
        GpuSubject gpu = GpuSubject.builder("GPU-1").label("job", job).build();
        feed.add(GpuSample.of(time, GpuMetric.GPU_TEMP, 1, gpu), time).write();
    }

    private static Instant day(int day) {
        return NOON.plus(Duration.ofDays(day));
    }

    /** Returns a job that keeps no day before a day, and gives up soon. */
    private RetentionJob job(GpuLayout layout, int day) {
        return RetentionJob.builder(database.dataSource())
                .keepGpuSamples(layout, 0)
                .clock(Clock.fixed(day(day), ZoneOffset.UTC))
                .lockTimeout(Duration.ofMillis(50))
                .retry(RetryPolicy.builder()
                        .initialBackoff(Duration.ofMillis(1))
                        .build())
                .build();
    }

    private RetentionJob.Result keepFrom(int day) {
        return job(GpuLayout.NUMBERED, day).runOnce();
    }

    @Test
    void runOnce_removesLabelsThatOnlyDroppedDaysHad() {
        Feed<GpuSample> feed = Feed.open(sink().build(), Feed.P0);
        write(feed, "a", day(0));
        write(feed, "b", day(0));
        write(feed, "b", day(1));
        write(feed, "c", day(1));
        write(feed, "c", day(0));
        assertThat(keepFrom(1).dropped()).containsExactly("gpu_sample_20240310");
        assertThat(database.rows(LABELS)).containsExactly("b|2024-03-11", "c|2024-03-11");
        write(feed, "a", day(2));
        assertThat(database.rows(LABELS)).containsExactly("a|2024-03-12", "b|2024-03-11", "c|2024-03-11");
    }

    @Test
    void runOnce_dropsTheDaysOfCompactedSamples() {
        database.execute("INSERT INTO gpu_sample_compaction (day) VALUES ('2024-03-10'), ('2024-03-11')");
        for (String table : List.of("gpu_sample_piece", "gpu_sample_hour", "gpu_sample_times")) {
            for (int day = 10; day < 12; day++) {
                database.execute("CREATE TABLE %1$s_202403%2$d PARTITION OF %1$s FOR VALUES FROM ('2024-03-%2$d+00') TO"
                                .formatted(table, day)
                        + " ('2024-03-%d+00')".formatted(day + 1));
            }
        }
        write(Feed.open(sink().build(), Feed.P0), "a", day(0));
        assertThat(keepFrom(1).dropped())
                .containsExactly(
                        "gpu_sample_20240310",
                        "gpu_sample_piece_20240310",
                        "gpu_sample_hour_20240310",
                        "gpu_sample_times_20240310");
        assertThat(database.rows("SELECT day FROM gpu_sample_compaction")).containsExactly("2024-03-11");
        assertThat(database.rows(LABELS)).isEmpty();
    }

    @Test
    void runOnce_dropsTheDaysOfAFlatTable() {
        database = version.gpuDatabase(GpuLayout.FLAT);
        Feed<GpuSample> feed = Feed.open(
                GpuSampleSink.builder(database.dataSource(), GpuLayout.FLAT).build(), Feed.P0);
        write(feed, "a", day(0));
        write(feed, "a", day(1));
        assertThat(job(GpuLayout.FLAT, 1).runOnce().dropped()).containsExactly("gpu_telemetry_20240310");
        assertThat(database.count("gpu_telemetry")).isEqualTo(1);
    }

    @Test
    void runOnce_dropsTheDaysOfCompactedWideRows() {
        database.execute("INSERT INTO gpu_metrics_compaction (day) VALUES ('2024-03-10'), ('2024-03-11')");
        for (String table : List.of("gpu_metrics_piece", "gpu_metrics_hour")) {
            for (int day = 10; day < 12; day++) {
                database.execute("CREATE TABLE %1$s_202403%2$d PARTITION OF %1$s FOR VALUES FROM ('2024-03-%2$d+00') TO"
                                .formatted(table, day)
                        + " ('2024-03-%d+00')".formatted(day + 1));
            }
        }
        RetentionJob job = RetentionJob.builder(database.dataSource())
                .keepGpuMetrics(0)
                .clock(Clock.fixed(day(1), ZoneOffset.UTC))
                .build();
        assertThat(job.runOnce().dropped()).containsExactly("gpu_metrics_piece_20240310", "gpu_metrics_hour_20240310");
        assertThat(database.rows("SELECT day FROM gpu_metrics_compaction")).containsExactly("2024-03-11");
    }

    @Test
    void runOnce_dropsTheDaysOfWideRows() {
        Feed<GpuSample> feed =
                Feed.open(GpuMetricsSink.addTo(sink(), WideRows.ofMessages()).build(), Feed.P0);
        write(feed, "a", day(0));
        write(feed, "a", day(1));
        RetentionJob job = RetentionJob.builder(database.dataSource())
                .keepGpuMetrics(0)
                .clock(Clock.fixed(day(1), ZoneOffset.UTC))
                .build();
        assertThat(job.runOnce().dropped()).containsExactly("gpu_metrics_20240310", "gpu_mig_metrics_20240310");
        assertThat(database.count("gpu_metrics")).isEqualTo(1);
        assertThat(database.count("gpu_sample")).isEqualTo(2);
    }

    /** The batch has found the labels and is not committed: neither its day nor its labels may go. */
    @Test
    void runOnce_waitsForAWriterThatHasFoundItsLabels() throws Exception {
        AtomicInteger batches = new AtomicInteger();
        Feed<GpuSample> feed = Feed.open(
                sink().inTransaction((connection, batch) -> {
                            if (batches.incrementAndGet() == 2) {
                                assertThat(keepFrom(1).held()).isPresent();
                            }
                        })
                        .build(),
                Feed.P0);
        write(feed, "a", day(0));
        write(feed, "a", day(0).plusSeconds(1));
        assertThat(database.rows(LABELS)).containsExactly("a|2024-03-10");
        assertThat(database.count("gpu_sample")).isEqualTo(2);
        keepFrom(1);
        assertThat(database.rows(LABELS)).isEmpty();
    }

    /** The day of the labels is dropped already, and a batch raises it while the job removes labels. */
    @Test
    void runOnce_leavesLabelsWhoseDayIsBeingRaised() throws Exception {
        AtomicInteger batches = new AtomicInteger();
        Feed<GpuSample> feed = Feed.open(
                sink().inTransaction((connection, batch) -> {
                            if (batches.incrementAndGet() == 3) {
                                assertThat(inAnotherThread(() -> keepFrom(2)).held())
                                        .isEmpty();
                            }
                        })
                        .build(),
                Feed.P0);
        write(feed, "a", day(1));
        write(feed, "b", day(1));
        database.execute("DROP TABLE gpu_sample_20240311; UPDATE gpu_sample_retention SET kept_from = '2024-03-12'");
        write(feed, "a", day(2));
        assertThat(database.rows(LABELS)).containsExactly("a|2024-03-12");
    }

    private <R> R inAnotherThread(Callable<R> work) {
        try {
            return threads.submit(work).get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writers of random days with few labels, while the first kept day moves on: no sample loses its labels. */
    @Test
    void runOnce_besideWritersLeavesTheLabelsOfEverySample() throws Exception {
        AtomicInteger today = new AtomicInteger(3);
        List<Future<?>> writers = IntStream.range(0, 2)
                .<Future<?>>mapToObj(writer -> threads.submit(() -> writeAtRandom(writer, today)))
                .toList();
        for (int day = 0; day < 40; day++) {
            today.incrementAndGet();
            RetentionJob.builder(database.dataSource())
                    .keepGpuSamples(2)
                    .clock(Clock.fixed(day(today.get()), ZoneOffset.UTC))
                    .lockTimeout(Duration.ofSeconds(60))
                    .build()
                    .runOnce();
        }
        for (Future<?> writer : writers) {
            writer.get();
        }
        keepFrom(today.get() - 2);
        assertThat(database.row("SELECT count(*) FROM gpu_labels WHERE labels_id NOT IN"
                        + " (SELECT labels_id FROM gpu_sample)"))
                .isEqualTo("0");
    }

    private void writeAtRandom(int writer, AtomicInteger today) {
        Random random = new Random(writer);
        Feed<GpuSample> feed = Feed.open(sink().build(), Feed.partition(writer), "writer" + writer);
        while (today.get() < 43) {
            write(
                    feed,
                    "j" + random.nextInt(5),
                    day(today.get() - random.nextInt(3)).plusMillis(random.nextInt(3_600_000)));
        }
    }
}

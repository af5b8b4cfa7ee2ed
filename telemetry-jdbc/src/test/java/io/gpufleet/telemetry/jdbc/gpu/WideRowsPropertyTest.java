package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.Samples.NOON;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.gpu;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.sample;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.Scope;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wide rows against a plain model: in any order and grouping, doubled, and beside the samples that they are of. */
final class WideRowsPropertyTest {
    private static final Duration GRID = Duration.ofSeconds(30);
    private static final String USED = "DCGM_FI_DEV_FB_USED";
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final String XID = "DCGM_FI_DEV_XID_ERRORS";
    private static final String SM = "DCGM_FI_PROF_SM_ACTIVE";
    private static final List<String> METRICS = List.of(USED, TEMP, XID, SM);
    private static final String GPUS = "SELECT (to_jsonb(m) - 'gpu_no' || jsonb_build_object('uuid', g.uuid))::text"
            + " FROM gpu_metrics AS m JOIN gpu AS g USING (gpu_no) ORDER BY g.uuid, m.time";
    private static final String INSTANCES = "SELECT (to_jsonb(m) - 'gpu_no' || jsonb_build_object('uuid',"
            + " g.uuid))::text FROM gpu_mig_metrics AS m JOIN gpu AS g USING (gpu_no) ORDER BY g.uuid, m.gi, m.time";

    private Database database;

    @BeforeEach
    void open() {
        database = PostgresVersion.POSTGRES_18.gpuDatabase(GpuLayout.NUMBERED);
    }

    private PostgresSink<GpuSample> wide(WideRows rows) {
        return GpuMetricsSink.builder(database.dataSource(), rows).build();
    }

    private PostgresSink<GpuSample> both(WideRows rows) {
        return GpuMetricsSink.addTo(GpuSampleSink.builder(database.dataSource()), rows)
                .build();
    }

    /** Returns samples of two GPUs in few cells of two hours, so that cells, instants and hours meet. */
    private static List<GpuSample> singles(Random random, int count) {
        List<GpuSample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            GpuSubject.Builder subject = gpu(1 + random.nextInt(2));
            if (random.nextInt(4) > 0) {
                subject.migInstance(String.valueOf(7 + random.nextInt(2)))
                        .migProfile(random.nextBoolean() ? "1g.5gb" : "");
            } else if (random.nextInt(4) == 0) {
                subject.vgpu("1").pod("p" + random.nextInt(2));
            }
            Instant time =
                    NOON.plus(Duration.ofMinutes(20L * random.nextInt(6))).plusMillis(10_000L * random.nextInt(3));
            String metric = METRICS.get(random.nextInt(METRICS.size()));
            double value = metric.equals(SM) ? random.nextInt(4) / 4.0 : random.nextInt(4);
            samples.add(sample(subject.build(), metric, value, time));
        }
        return samples;
    }

    /** Writes samples, each in a message of its own, in batches of random sizes over two partitions. */
    private void writeSingles(PostgresSink<GpuSample> sink, String group, List<GpuSample> samples, Random random) {
        Messages first = Messages.open(sink, Feed.P0, group);
        Messages second = Messages.at(sink, Feed.P1);
        for (int from = 0; from < samples.size(); ) {
            int to = Math.min(samples.size(), from + 1 + random.nextInt(40));
            (random.nextBoolean() ? first : second)
                    .write(samples.subList(from, to).stream().map(List::of).toList());
            from = to;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void grid_dependsOnTheSetOfSamplesOnly(long seed) {
        Random random = new Random(seed);
        List<GpuSample> samples = singles(random, 150);
        writeSingles(wide(WideRows.inGrid(GRID)), "first", samples, random);
        List<String> gpus = database.rows(GPUS);
        List<String> instances = database.rows(INSTANCES);
        assertThat(modelled()).isEqualTo(model(samples));

        for (int round = 0; round < 3; round++) {
            List<GpuSample> again = new ArrayList<>(samples);
            again.addAll(samples.subList(0, 60));
            Collections.shuffle(again, random);
            database.execute("TRUNCATE gpu_metrics, gpu_mig_metrics");
            writeSingles(wide(WideRows.inGrid(GRID)), "round " + round, again, random);
            assertThat(database.rows(GPUS)).isEqualTo(gpus);
            assertThat(database.rows(INSTANCES)).isEqualTo(instances);
        }
    }

    private Map<String, String> modelled() {
        return database
                .rows("SELECT g.uuid || ' ' || extract(epoch FROM m.time)::bigint, fb_used_bytes / 1048576, gpu_temp,"
                        + " xid_last, sm_active FROM gpu_metrics AS m JOIN gpu AS g USING (gpu_no)")
                .stream()
                .map(row -> row.split("\\|", 2))
                .collect(Collectors.toMap(row -> row[0], row -> row[1], (a, b) -> a, TreeMap::new));
    }

    /** Computes what every cell must hold from the samples alone. */
    private static Map<String, String> model(List<GpuSample> samples) {
        Map<String, String> model = new TreeMap<>();
        for (GpuSample one : samples) {
            boolean hasRow =
                    !one.subject().isMigInstance() || !one.metric().name().equals(SM);
            if (hasRow) {
                String uuid = one.subject().uuid();
                Instant cell = cell(one);
                model.put(
                        uuid + " " + cell.getEpochSecond(),
                        List.of(
                                        memory(samples, uuid, cell),
                                        newest(samples, uuid, cell, TEMP, true),
                                        newest(samples, uuid, cell, XID, true),
                                        newest(samples, uuid, cell, SM, false))
                                .stream()
                                .collect(Collectors.joining("|")));
            }
        }
        return model;
    }

    private static Instant cell(GpuSample sample) {
        return Instant.ofEpochSecond(Math.floorDiv(sample.time().getEpochSecond(), 30L) * 30);
    }

    private static List<GpuSample> of(List<GpuSample> samples, String uuid, Instant cell, String metric) {
        return samples.stream()
                .filter(s -> s.subject().uuid().equals(uuid)
                        && cell(s).equals(cell)
                        && s.metric().name().equals(metric))
                .toList();
    }

    private static String newest(
            List<GpuSample> samples, String uuid, Instant cell, String metric, boolean ofInstancesToo) {
        return of(samples, uuid, cell, metric).stream()
                .filter(s -> ofInstancesToo || !s.subject().isMigInstance())
                .max(Comparator.<GpuSample, Boolean>comparing(
                                s -> !s.subject().isMigInstance() && s.scope() != Scope.WORKLOAD)
                        .thenComparing(GpuSample::time)
                        .thenComparing(GpuSample::value))
                .map(s -> text(s.value() * (metric.equals(SM) ? 100 : 1)))
                .orElse("null");
    }

    private static String memory(List<GpuSample> samples, String uuid, Instant cell) {
        List<GpuSample> inCell = of(samples, uuid, cell, USED);
        if (inCell.stream().anyMatch(s -> !s.subject().isMigInstance())) {
            return newest(samples, uuid, cell, USED, false);
        }
        Set<String> seen = samples.stream()
                .filter(s -> s.subject().uuid().equals(uuid) && s.subject().isMigInstance())
                .filter(s -> !cell(s).isAfter(cell) && cell(s).isAfter(cell.minus(Duration.ofHours(1))))
                .map(s -> s.subject().instance())
                .collect(Collectors.toSet());
        Map<String, Optional<GpuSample>> newest = inCell.stream()
                .filter(s -> s.subject().isMigInstance())
                .collect(Collectors.groupingBy(
                        s -> s.subject().instance(),
                        Collectors.maxBy(Comparator.comparing(GpuSample::time).thenComparing(GpuSample::value))));
        return !seen.isEmpty() && newest.keySet().equals(seen)
                ? text(newest.values().stream()
                        .mapToDouble(s -> s.orElseThrow().value())
                        .sum())
                : "null";
    }

    private static String text(double value) {
        return String.valueOf((long) value);
    }

    /** Returns messages with some seconds between their metrics, some of them twice, some only in part. */
    private static List<List<GpuSample>> messages(Random random) {
        List<List<GpuSample>> messages = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            Instant scrape = NOON.plusSeconds(30L * random.nextInt(8));
            GpuSubject subject = gpu(1 + random.nextInt(2)).build();
            List<GpuSample> message = new ArrayList<>();
            for (String metric : List.of(TEMP, USED, XID, "DCGM_FI_DEV_POWER_USAGE")) {
                if (random.nextInt(5) > 0) {
                    message.add(sample(subject, metric, random.nextInt(3), scrape.plusSeconds(random.nextInt(4))));
                }
            }
            if (!message.isEmpty()) {
                messages.add(Scope.assign(message));
            }
        }
        return messages;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void messages_givesTheSameRowsHoweverTheyAreBatchedAndReplayed(long seed) {
        Random random = new Random(seed);
        List<List<GpuSample>> messages = messages(random);
        Messages one = Messages.open(wide(WideRows.ofMessages()), Feed.P0, "one");
        messages.forEach(message -> one.write(List.of(message)));
        List<String> rows = database.rows(GPUS);
        one.write(messages);
        assertThat(database.rows(GPUS)).as("replayed").isEqualTo(rows);

        database.execute("TRUNCATE gpu_metrics, gpu_mig_metrics");
        Messages.open(wide(WideRows.ofMessages()), Feed.P0, "all").write(messages);
        assertThat(database.rows(GPUS)).as("in one batch").isEqualTo(rows);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void messages_beside_samplesAreOfThem(long seed) {
        Random random = new Random(seed);
        List<List<GpuSample>> messages = messages(random);
        List<List<GpuSample>> parts = messages.stream()
                .map(message -> message.subList(0, 1 + random.nextInt(message.size())))
                .toList();
        WideRows rows = WideRows.ofMessages();
        Messages feed = Messages.open(both(rows), Feed.P0, "g");
        feed.write(parts);
        feed.write(messages);
        assertThat(differences(rows)).isEmpty();
        long before = database.count("gpu_metrics");
        feed.write(messages);
        assertThat(database.count("gpu_metrics")).isEqualTo(before).isPositive();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void grid_besideSamplesIsOfThem(long seed) {
        Random random = new Random(seed);
        WideRows rows = WideRows.inGrid(GRID);
        List<GpuSample> samples = singles(random, 150);
        samples.addAll(samples.subList(0, 50));
        Collections.shuffle(samples, random);
        writeSingles(both(rows), "g", samples, random);
        assertThat(differences(rows)).isEmpty();
    }

    /** The control of the check. */
    @Test
    void check_findsAReadingOfNoSampleAndASampleInNoRow() {
        WideRows rows = WideRows.inGrid(GRID);
        writeSingles(both(rows), "g", List.of(sample(gpu(1).build(), TEMP, 61, NOON)), new Random(1));
        assertThat(differences(rows)).isEmpty();
        database.execute("UPDATE gpu_metrics SET gpu_temp = 60");
        assertThat(differences(rows)).hasSize(2);
        database.execute("DELETE FROM gpu_metrics");
        assertThat(differences(rows)).singleElement().asString().endsWith("is missing, not 61");
    }

    private List<String> differences(WideRows rows) {
        return GpuSampleInvariant.check(database.dataSource(), rows).first().stream()
                .map(GpuSampleInvariant.Difference::toString)
                .toList();
    }

    /** Each of two transactions adds an instance of one time: the second one waits for the first, and sums both. */
    @Test
    void instances_inConcurrentTransactionsAddUp() throws Exception {
        PostgresSink<GpuSample> sink = wide(WideRows.inGrid(GRID));
        List<Messages> lanes = List.of(Messages.open(sink, Feed.P0, "g"), Messages.at(sink, Feed.P1));
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 40; round++) {
                Instant time = NOON.plusSeconds(30L * round);
                CountDownLatch start = new CountDownLatch(2);
                List<Future<?>> writes = new ArrayList<>();
                for (int lane = 0; lane < 2; lane++) {
                    Messages messages = lanes.get(lane);
                    GpuSample used = sample(gpu(1).migInstance("" + (7 + lane)).build(), USED, 5, time);
                    writes.add(threads.submit(() -> {
                        start.countDown();
                        start.await();
                        messages.write(used);
                        return null;
                    }));
                }
                for (Future<?> write : writes) {
                    write.get();
                }
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(database.rows("SELECT DISTINCT fb_used_bytes / 1048576 FROM gpu_metrics"))
                .containsExactly("10");
    }
}

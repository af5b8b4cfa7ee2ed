package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.query.StoredFleet.U;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.V;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.gpu;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.MetricKind;
import io.gpufleet.telemetry.gpu.Scope;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Seeded questions about two compacted days with late rows, and a day of rows: every answer is that of a model over
 * plain lists.
 */
final class RandomQuestionsTest {
    private static final int QUESTIONS = 10_000;
    private static final LocalDate FIRST = LocalDate.parse("2026-03-01");
    private static final Instant START = FIRST.atStartOfDay(ZoneOffset.UTC).toInstant();
    private static final List<String> METRICS = List.of(
            "DCGM_FI_DEV_SM_CLOCK",
            "DCGM_FI_DEV_GPU_TEMP",
            "DCGM_FI_DEV_POWER_USAGE",
            "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
            "my_metric");
    private static StoredFleet fleet;
    private static List<GpuSample> stored;
    private static Map<String, Integer> numbers;

    private final Random random = new Random(20);
    private final GpuQueries queries = fleet.queries();

    @BeforeAll
    static void store() {
        fleet = new StoredFleet(PostgresVersion.POSTGRES_18);
        Random random = new Random(7);
        fleet.store(samples(random, 1_500));
        fleet.compact(FIRST.plusDays(1));
        fleet.store(samples(random, 300));
        Map<Object, GpuSample> first = new LinkedHashMap<>();
        fleet.samples().forEach(sample -> first.putIfAbsent(sample.key(), sample));
        stored = List.copyOf(first.values());
        numbers = numbers();
        assertThat(fleet.database().count("gpu_sample_piece")).isPositive();
        assertThat(Long.parseLong(
                        fleet.database().row("SELECT count(*) FROM gpu_sample WHERE ts < '2026-03-03 00:00+00'")))
                .isPositive();
        assertThat(fleet.database().count("gpu_sample") + fleet.database().count("gpu_sample_unpacked"))
                .isEqualTo(stored.size());
    }

    @AfterAll
    static void forget() {
        stored = List.of();
    }

    /** Returns samples with many equal times and borders of hours and days. */
    private static List<GpuSample> samples(Random random, int number) {
        List<GpuSample> samples = new ArrayList<>();
        for (int n = 0; n < number; n++) {
            GpuSubject subject = subject(random);
            GpuMetric metric = GpuMetric.named(METRICS.get(random.nextInt(METRICS.size())));
            double value = random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(100_000) / 8.0;
            samples.add(new GpuSample(time(random), metric, value, subject, Scope.ofSingle(subject), Set.of()));
        }
        return samples;
    }

    private static GpuSubject subject(Random random) {
        GpuSubject.Builder gpu = gpu(random.nextInt(4) == 0 ? V : U);
        int part = random.nextInt(4);
        if (part == 0) {
            gpu.migInstance("gi" + random.nextInt(2));
        } else if (part == 1) {
            gpu.namespace("ml").pod("pod-" + random.nextInt(2)).container("c");
        }
        return gpu.build();
    }

    private static Instant time(Random random) {
        Instant time = START.plus(Duration.ofMinutes(30L * random.nextInt(3 * 48)));
        return random.nextBoolean() ? time : time.plus(random.nextInt(3) - 1, ChronoUnit.MICROS);
    }

    @Test
    void samples_areThoseOfTheModel() {
        for (int n = 0; n < QUESTIONS / 2; n++) {
            SampleQuery.Builder query = SampleQuery.builder(random.nextInt(4) == 0 ? V : U);
            List<GpuSample> expected = expected(query);
            query.limit(1 + random.nextInt(random.nextInt(5) == 0 ? 1_000 : 20));
            assertPages(n, query.build(), expected);
        }
    }

    /** Adds random conditions to a question, and returns its whole answer. */
    private List<GpuSample> expected(SampleQuery.Builder query) {
        SampleQuery plain = query.build();
        Instant one = time(random);
        Instant other = time(random);
        Instant from = one.isBefore(other) ? one : other;
        Instant to = one.isBefore(other) ? other : one;
        query.from(from).to(to);
        List<String> metrics =
                METRICS.stream().filter(metric -> random.nextInt(3) > 0).toList();
        metrics.forEach(query::metric);
        Optional<Scope> scope = random.nextInt(4) == 0 ? Optional.of(Scope.of(random.nextInt(4))) : Optional.empty();
        scope.ifPresent(query::scope);
        Optional<String> instance =
                random.nextInt(4) == 0 ? Optional.of(random.nextBoolean() ? "" : "gi:gi1") : Optional.empty();
        instance.ifPresent(query::instance);
        SampleOrder order = random.nextBoolean() ? SampleOrder.OLDEST : SampleOrder.NEWEST;
        query.order(order);
        return stored.stream()
                .filter(sample -> sample.subject().uuid().equals(plain.gpu()))
                .filter(sample ->
                        !sample.time().isBefore(from) && !sample.time().isAfter(to))
                .filter(sample ->
                        metrics.isEmpty() || metrics.contains(sample.metric().name()))
                .filter(sample -> scope.isEmpty() || scope.get() == sample.scope())
                .filter(sample -> instance.isEmpty()
                        || instance.get().equals(sample.subject().instance()))
                .sorted(order == SampleOrder.OLDEST ? order() : order().reversed())
                .toList();
    }

    /** The order by the numbers of the metrics, as they are stored. */
    private static Comparator<GpuSample> order() {
        return Comparator.comparing(GpuSample::time)
                .thenComparing(sample -> numbers.get(sample.metric().name()))
                .thenComparing(sample -> sample.subject().seriesKey());
    }

    private static Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new TreeMap<>();
        for (String row : fleet.database().rows("SELECT metric_name, metric_no FROM gpu_metric")) {
            String[] parts = row.split("\\|", -1);
            numbers.put(parts[0], Integer.parseInt(parts[1]));
        }
        return numbers;
    }

    private void assertPages(int number, SampleQuery first, List<GpuSample> expected) {
        SampleQuery query = first;
        int at = 0;
        for (int page = 0; page < 2; page++) {
            Page<StoredSample> answer = queries.samples(query);
            int end = Math.min(at + first.limit(), expected.size());
            assertThat(texts(answer.rows()))
                    .as("question %s, page %s", number, page)
                    .isEqualTo(expected.subList(at, end).stream()
                            .map(RandomQuestionsTest::text)
                            .toList());
            assertThat(answer.next().isPresent())
                    .as("question %s, page %s", number, page)
                    .isEqualTo(end < expected.size());
            if (answer.next().isEmpty()) {
                return;
            }
            at = end;
            query = first.after(answer.next().get());
        }
    }

    private static List<String> texts(List<StoredSample> rows) {
        return rows.stream()
                .map(row -> row.time() + " " + row.metric() + " " + row.value() + " " + row.uuid() + " "
                        + row.instance() + " " + row.scope() + " " + row.pod())
                .toList();
    }

    private static String text(GpuSample sample) {
        GpuSubject subject = sample.subject();
        return sample.time() + " " + sample.metric().name() + " " + sample.value() + " " + subject.uuid() + " "
                + subject.instance() + " " + sample.scope() + " " + subject.pod();
    }

    @Test
    void aggregates_areThoseOfTheModel() {
        for (int n = 0; n < QUESTIONS / 2; n++) {
            GpuMetric metric = GpuMetric.named(METRICS.get(random.nextInt(METRICS.size())));
            List<Aggregation> allowed = metric.kind() == MetricKind.COUNTER
                    ? List.of(
                            Aggregation.MIN, Aggregation.MAX, Aggregation.COUNT, Aggregation.INCREASE, Aggregation.RATE)
                    : List.of(
                            Aggregation.MIN,
                            Aggregation.MAX,
                            Aggregation.AVG,
                            Aggregation.SUM,
                            Aggregation.COUNT,
                            Aggregation.LAST);
            Aggregation aggregation = allowed.get(random.nextInt(allowed.size()));
            Instant one = time(random);
            Instant other = time(random);
            Instant from = one.isBefore(other) ? one : other;
            Instant to = one.isBefore(other) ? other : one;
            Optional<Duration> bucket = random.nextBoolean()
                    ? Optional.of(
                            Duration.ofMinutes(List.of(17, 30, 60, 720, 20_000).get(random.nextInt(5))))
                    : Optional.empty();
            AggregateQuery.Builder query = AggregateQuery.builder(U, metric.name(), aggregation)
                    .from(from)
                    .to(to);
            bucket.ifPresent(query::bucket);
            List<String> answer = queries.aggregate(query.build()).stream()
                    .map(row -> row.instance() + " "
                            + row.start().map(Instant::toString).orElse("-") + " " + row.value() + " " + row.samples())
                    .toList();
            assertThat(answer)
                    .as("question %s: %s of %s from %s to %s by %s", n, aggregation, metric.name(), from, to, bucket)
                    .isEqualTo(AggregateModel.answer(
                            stored.stream()
                                    .filter(sample -> sample.subject().uuid().equals(U))
                                    .filter(sample -> sample.metric().name().equals(metric.name()))
                                    .filter(sample -> !sample.time().isBefore(from)
                                            && !sample.time().isAfter(to))
                                    .toList(),
                            aggregation,
                            bucket));
        }
    }

    /** The aggregations over plain lists. */
    private static final class AggregateModel {
        private AggregateModel() {}

        static List<String> answer(List<GpuSample> samples, Aggregation aggregation, Optional<Duration> bucket) {
            Map<String, TreeMap<Instant, List<GpuSample>>> parts = samples.stream()
                    .collect(Collectors.groupingBy(
                            sample -> sample.subject().instance(),
                            TreeMap::new,
                            Collectors.groupingBy(GpuSample::time, TreeMap::new, Collectors.toList())));
            List<String> answer = new ArrayList<>();
            parts.forEach((instance, times) -> {
                TreeMap<Instant, Double> values = new TreeMap<>();
                times.forEach((time, same) -> values.put(time, one(same)));
                Map<Instant, List<Instant>> buckets = values.keySet().stream()
                        .collect(Collectors.groupingBy(
                                time -> bucket.map(size -> start(time, size)).orElse(Instant.MIN),
                                TreeMap::new,
                                Collectors.toList()));
                buckets.forEach((start, within) -> answer.add(instance + " "
                        + (start.equals(Instant.MIN) ? "-" : start) + " " + value(aggregation, values, within) + " "
                        + within.size()));
            });
            return answer;
        }

        private static Instant start(Instant time, Duration size) {
            return Instant.ofEpochSecond(Math.floorDiv(time.getEpochSecond(), size.toSeconds()) * size.toSeconds());
        }

        private static double one(List<GpuSample> same) {
            List<GpuSample> own = same.stream()
                    .filter(sample -> sample.scope() != Scope.WORKLOAD)
                    .toList();
            return (own.isEmpty() ? same : own)
                    .stream().mapToDouble(GpuSample::value).max().orElseThrow();
        }

        private static OptionalDouble value(
                Aggregation aggregation, NavigableMap<Instant, Double> all, List<Instant> within) {
            double sum = 0;
            double rises = 0;
            for (Instant time : within) {
                double value = all.get(time);
                sum += value;
                Map.Entry<Instant, Double> before = all.lowerEntry(time);
                if (before != null) {
                    rises += value >= before.getValue() ? value - before.getValue() : value;
                }
            }
            Instant first = Optional.ofNullable(all.lowerKey(within.get(0))).orElse(within.get(0));
            double seconds = ChronoUnit.MICROS.between(first, within.get(within.size() - 1)) / 1e6;
            double[] values = within.stream().mapToDouble(all::get).toArray();
            return switch (aggregation) {
                case MIN -> Arrays.stream(values).min();
                case MAX -> Arrays.stream(values).max();
                case COUNT -> OptionalDouble.of(values.length);
                case LAST -> OptionalDouble.of(values[values.length - 1]);
                case SUM -> OptionalDouble.of(sum);
                case AVG -> OptionalDouble.of(sum / values.length);
                case INCREASE -> OptionalDouble.of(rises);
                case RATE -> seconds == 0 ? OptionalDouble.empty() : OptionalDouble.of(rises / seconds);
            };
        }
    }
}

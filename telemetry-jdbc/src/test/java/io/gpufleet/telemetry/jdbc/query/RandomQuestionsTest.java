package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.query.StoredFleet.U;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.V;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.W;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.X;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.gpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.MetricKind;
import io.gpufleet.telemetry.gpu.Scope;
import io.gpufleet.telemetry.jdbc.Pools;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Seeded questions about two compacted days with late rows, and a day of rows: every answer is that of a model over
 * plain lists.
 */
@Execution(ExecutionMode.CONCURRENT)
final class RandomQuestionsTest {
    private static final int QUESTIONS = 10_000;
    private static final LocalDate FIRST = LocalDate.parse("2026-03-01");
    private static final Instant START = FIRST.atStartOfDay(ZoneOffset.UTC).toInstant();
    private static final List<String> METRICS = List.of(
            "DCGM_FI_DEV_SM_CLOCK",
            "DCGM_FI_DEV_GPU_TEMP",
            "DCGM_FI_DEV_POWER_USAGE",
            "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
            "DCGM_FI_DEV_FB_USED",
            "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
            "my_metric");
    private static final List<String> GPUS = List.of(U, U, V, W);
    private static final List<Aggregation> OF_COUNTERS =
            List.of(Aggregation.MIN, Aggregation.MAX, Aggregation.COUNT, Aggregation.INCREASE, Aggregation.RATE);
    private static final List<Aggregation> OF_GAUGES = List.of(
            Aggregation.MIN,
            Aggregation.MAX,
            Aggregation.AVG,
            Aggregation.AVG,
            Aggregation.SUM,
            Aggregation.COUNT,
            Aggregation.LAST);
    private static StoredFleet fleet;
    private static HikariDataSource pool;
    private static List<GpuSample> stored;
    private static Map<String, Integer> numbers;
    private static List<GpuSample> wide;

    private final Random random = new Random(20);
    private final GpuQueries queries = StoredFleet.queries(pool);

    @BeforeAll
    static void store() {
        fleet = new StoredFleet(PostgresVersion.POSTGRES_18);
        pool = Pools.of(fleet.database(), 4);
        Random random = new Random(7);
        fleet.store(samples(random, 2_100));
        wide = wide(random);
        fleet.storeWide(wide);
        fleet.compact(FIRST.plusDays(1));
        fleet.store(samples(random, 420));
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
        pool.close();
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

    /** Returns the energy of a GPU that has no samples, at increasing times. */
    private static List<GpuSample> wide(Random random) {
        List<GpuSample> wide = new ArrayList<>();
        GpuSubject subject = gpu(X).host("node-18").build();
        for (int n = 0; n < 60; n++) {
            Instant time = START.plus(Duration.ofMinutes(70L * n));
            double value = random.nextInt(100_000);
            wide.add(new GpuSample(time, EnergyModel.ENERGY, value, subject, Scope.WHOLE_GPU, Set.of()));
        }
        return wide;
    }

    private static GpuSubject subject(Random random) {
        GpuSubject.Builder gpu = gpu(GPUS.get(random.nextInt(GPUS.size())));
        gpu.host(random.nextInt(3) == 0 ? "node-18" : "node-17");
        switch (random.nextInt(5)) {
            case 0 -> gpu.migInstance("gi" + random.nextInt(2));
            case 1 -> gpu.namespace(random.nextBoolean() ? "ml" : "web").pod("pod-" + random.nextInt(2));
            case 2 ->
                gpu.namespace(random.nextBoolean() ? "ml" : "web").pod("pod").vgpu("" + random.nextInt(3));
            case 3 ->
                gpu.migInstance(random.nextBoolean() ? "gi1" : "")
                        .namespace("ml")
                        .nvlink(random.nextInt(4) == 0 ? "2" : "");
            default -> {}
        }
        return gpu.build();
    }

    private static Instant time(Random random) {
        Instant time = START.plus(Duration.ofMinutes(30L * random.nextInt(3 * 48)));
        return switch (random.nextInt(4)) {
            case 0 -> time.plus(random.nextInt(3) - 1, ChronoUnit.MICROS);
            case 1 -> time.plus(Duration.ofMinutes(random.nextInt(9)));
            default -> time;
        };
    }

    @Test
    void samples_areThoseOfTheModel() {
        for (int n = 0; n < QUESTIONS * 4 / 10; n++) {
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
        for (int n = 0; n < QUESTIONS * 25 / 100; n++) {
            Question question = question();
            List<GpuSample> samples = ofGpu(question, U);
            assertThat(answer(
                            question,
                            AggregateQuery.builder(U, question.metric().name(), question.aggregation())))
                    .as("question %s: %s", n, question)
                    .isEqualTo(question.model().ofGpu(samples));
        }
    }

    @Test
    void groups_areThoseOfTheModel() {
        for (int n = 0; n < QUESTIONS * 25 / 100; n++) {
            Question question = question();
            String metric = question.metric().name();
            String host = random.nextBoolean() ? "node-17" : "node-18";
            String namespace = random.nextBoolean() ? "ml" : "web";
            int group = random.nextInt(3);
            AggregateQuery.Builder query = switch (group) {
                case 0 -> AggregateQuery.ofHost(host, metric, question.aggregation());
                case 1 -> AggregateQuery.ofNamespace(namespace, metric, question.aggregation());
                default -> AggregateQuery.ofFleet(metric, question.aggregation());
            };
            Predicate<GpuSample> isOfGroup = switch (group) {
                case 0 -> sample -> sample.subject().host().equals(host);
                case 1 -> sample -> sample.subject().namespace().equals(namespace);
                default -> sample -> true;
            };
            List<List<GpuSample>> gpus = gpus().stream()
                    .map(gpu -> ofGpu(question, gpu).stream()
                            .filter(AggregateModel::isOfDevice)
                            .toList())
                    .toList();
            assertThat(answer(question, query))
                    .as("question %s: %s of %s, %s or %s", n, question, group, host, namespace)
                    .isEqualTo(question.model().ofGroup(gpus, question.metric(), isOfGroup));
        }
    }

    /** Returns the GPUs in the order of their numbers. */
    private static List<String> gpus() {
        return fleet.database().rows("SELECT uuid FROM gpu ORDER BY gpu_no");
    }

    private record Question(GpuMetric metric, Instant from, AggregateModel model) {
        Aggregation aggregation() {
            return model.aggregation();
        }
    }

    private Question question() {
        GpuMetric metric = GpuMetric.named(METRICS.get(random.nextInt(METRICS.size())));
        List<Aggregation> allowed = metric.kind() == MetricKind.COUNTER ? OF_COUNTERS : OF_GAUGES;
        Aggregation aggregation = allowed.get(random.nextInt(allowed.size()));
        Instant one = time(random);
        Instant other = time(random);
        Optional<Duration> bucket = random.nextBoolean()
                ? Optional.of(
                        Duration.ofMinutes(List.of(3, 17, 30, 60, 720, 20_000).get(random.nextInt(6))))
                : Optional.empty();
        boolean isTimeWeighted = aggregation == Aggregation.AVG && random.nextInt(3) > 0;
        return new Question(
                metric,
                one.isBefore(other) ? one : other,
                new AggregateModel(aggregation, isTimeWeighted, bucket, one.isBefore(other) ? other : one));
    }

    private List<String> answer(Question question, AggregateQuery.Builder query) {
        query.from(question.from()).to(question.model().end());
        question.model().bucket().ifPresent(query::bucket);
        if (question.model().isTimeWeighted()) {
            query.timeWeighted();
        }
        return queries.aggregate(query.build()).stream()
                .map(row -> row.instance() + " "
                        + row.start().map(Instant::toString).orElse("-") + " " + row.value() + " " + row.samples())
                .toList();
    }

    private static List<GpuSample> ofGpu(Question question, String gpu) {
        return between(stored, question.from(), question.model().end()).stream()
                .filter(sample -> sample.subject().uuid().equals(gpu))
                .filter(sample ->
                        sample.metric().name().equals(question.metric().name()))
                .toList();
    }

    private static List<GpuSample> between(List<GpuSample> samples, Instant from, Instant to) {
        return samples.stream()
                .filter(sample ->
                        !sample.time().isBefore(from) && !sample.time().isAfter(to))
                .toList();
    }

    @Test
    void energy_isThatOfTheModel() {
        for (int n = 0; n < QUESTIONS / 10; n++) {
            Instant one = time(random);
            Instant other = time(random);
            Instant from = one.isBefore(other) ? one : other;
            Instant to = one.isBefore(other) ? other : one;
            EnergyGroup group = List.of(EnergyGroup.values()).get(random.nextInt(4));
            List<EnergyUse> answer = queries.energy(
                    EnergyQuery.builder(group).from(from).to(to).limit(1_000).build());
            assertThat(answer)
                    .isSortedAccordingTo(Comparator.comparingDouble(EnergyUse::joules)
                            .reversed()
                            .thenComparing(EnergyUse::name));
            assertEnergy(
                    "question " + n + ": " + group + " from " + from + " to " + to, answer, model(group, from, to));
        }
    }

    private static EnergyModel model(EnergyGroup group, Instant from, Instant to) {
        EnergyModel model = new EnergyModel(group);
        Map<String, List<GpuSample>> gpus = between(stored, from, to).stream()
                .filter(sample -> sample.metric().equals(EnergyModel.ENERGY))
                .collect(Collectors.groupingBy(sample -> sample.subject().uuid()));
        gpus.values().forEach(model::add);
        return group == EnergyGroup.GPU || group == EnergyGroup.HOST ? model.add(between(wide, from, to)) : model;
    }

    private static void assertEnergy(String question, List<EnergyUse> answer, EnergyModel model) {
        assertThat(answer.stream().collect(Collectors.toMap(EnergyUse::name, EnergyUse::gpus)))
                .as(question)
                .isEqualTo(model.gpus());
        answer.forEach(use -> assertThat(use.joules())
                .as("%s, %s", question, use.name())
                .isCloseTo(model.joules().get(use.name()), within(1e-6)));
    }
}

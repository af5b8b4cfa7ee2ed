package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.query.MonthOfSamples.ENERGY;
import static io.gpufleet.telemetry.jdbc.query.MonthOfSamples.GPU;
import static io.gpufleet.telemetry.jdbc.query.MonthOfSamples.TEMP;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.query.RecordedPlans.Plan;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The plans of all questions, as the server has run them, over a month of rows and compacted days. */
final class QuestionPlansTest {
    private static final Instant LATE = MonthOfSamples.END.minus(Duration.ofMinutes(1));
    private static final Instant EARLY = Instant.parse("2026-03-05T12:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration MONTH = Duration.ofDays(30);
    private static final String CUSTOM = "plan_cache_mode = force_custom_plan";
    private static final String GENERIC = "plan_cache_mode = force_generic_plan";

    private static final Map<PostgresVersion, Database> DATABASES = new LinkedHashMap<>();

    /** The questions by the names of their methods, those of one method told apart by what follows a blank. */
    private static final Map<String, Consumer<GpuQueries>> QUESTIONS = new LinkedHashMap<>();

    @BeforeAll
    static void store() {
        for (PostgresVersion version : PostgresVersion.values()) {
            DATABASES.put(version, MonthOfSamples.in(version));
        }
    }

    static {
        QUESTIONS.put(
                "gpus",
                queries -> queries.gpus(GpuFilter.builder().host("node-1").build()));
        QUESTIONS.put("gpu", queries -> queries.gpu(GPU));
        QUESTIONS.put("gpu, by its place", queries -> queries.gpu("nvidia7:node-0"));
        QUESTIONS.put("hosts", GpuQueries::hosts);
        QUESTIONS.put("namespaces", GpuQueries::namespaces);
        QUESTIONS.put(
                "samples, newest",
                queries -> queries.samples(samples(LATE, MONTH).build()));
        QUESTIONS.put(
                "samples, oldest",
                queries -> queries.samples(samples(LATE, MONTH)
                        .order(SampleOrder.OLDEST)
                        .limit(1_000)
                        .build()));
        QUESTIONS.put("samples, next page", QuestionPlansTest::nextPage);
        QUESTIONS.put(
                "samples, of a metric of a part",
                queries -> queries.samples(
                        samples(LATE, MONTH).metric(TEMP).instance("").build()));
        QUESTIONS.put(
                "samples, an hour of a compacted day",
                queries -> queries.samples(samples(EARLY, HOUR).metric(TEMP).build()));
        QUESTIONS.put(
                "samples, total",
                queries -> queries.samples(samples(LATE, MONTH).withTotal().build()));
        QUESTIONS.put(
                "samples, offset",
                queries -> queries.samples(samples(LATE, MONTH).offset(3_000).build()));
        QUESTIONS.put(
                "latest, of a GPU",
                queries -> queries.latest(LatestQuery.ofGpu(GPU).build()));
        QUESTIONS.put(
                "latest, of all GPUs",
                queries -> queries.latest(LatestQuery.ofAllGpus(TEMP).build()));
        QUESTIONS.put(
                "latest, of a month",
                queries -> queries.latest(LatestQuery.ofGpu(GPU).maxAge(MONTH).build()));
        for (Aggregation aggregation : List.of(Aggregation.AVG, Aggregation.LAST)) {
            QUESTIONS.put(
                    "aggregate, " + aggregation,
                    queries -> queries.aggregate(
                            aggregate(TEMP, aggregation, LATE, MONTH).build()));
        }
        QUESTIONS.put(
                "wide, of a compacted day",
                queries -> queries.wide(
                        WideQuery.builder(GPU).from(EARLY.minus(HOUR)).to(EARLY).build()));
        QUESTIONS.put(
                "wide, of a month",
                queries -> queries.wide(
                        WideQuery.builder(GPU).from(LATE.minus(MONTH)).to(LATE).build()));
        QUESTIONS.put("metrics", GpuQueries::metrics);
        QUESTIONS.put(
                "xidEvents, of a GPU",
                queries -> queries.xidEvents(
                        XidQuery.ofGpu(GPU).from(LATE.minus(MONTH)).to(LATE).build()));
        QUESTIONS.put(
                "xidEvents, of all GPUs",
                queries -> queries.xidEvents(XidQuery.ofAllGpus().to(LATE).build()));
        for (EnergyGroup group : EnergyGroup.values()) {
            QUESTIONS.put(
                    "energy, by " + group,
                    queries ->
                            queries.energy(EnergyQuery.builder(group).to(LATE).build()));
        }
        QUESTIONS.put("fleet", queries -> queries.fleet(Duration.ofMinutes(20)));
        QUESTIONS.put(
                "aggregate, of a day by buckets",
                queries -> queries.aggregate(aggregate(ENERGY, Aggregation.RATE, EARLY, Duration.ofDays(1))
                        .bucket(Duration.ofMinutes(20))
                        .build()));
        for (Instant to : List.of(EARLY, LATE)) {
            QUESTIONS.put(
                    "aggregate, of the fleet until " + to,
                    queries -> queries.aggregate(group(AggregateQuery.ofFleet(TEMP, Aggregation.AVG), to)
                            .timeWeighted()
                            .bucket(Duration.ofMinutes(20))
                            .build()));
            QUESTIONS.put(
                    "aggregate, of a host until " + to,
                    queries -> queries.aggregate(group(AggregateQuery.ofHost("node-1", ENERGY, Aggregation.RATE), to)
                            .build()));
            QUESTIONS.put(
                    "aggregate, of a namespace until " + to,
                    queries -> queries.aggregate(group(AggregateQuery.ofNamespace("team-1", TEMP, Aggregation.MAX), to)
                            .build()));
            QUESTIONS.put(
                    "energy, until " + to,
                    queries -> queries.energy(EnergyQuery.builder(EnergyGroup.HOST)
                            .from(to.minus(HOUR))
                            .to(to)
                            .build()));
        }
    }

    private static SampleQuery.Builder samples(Instant to, Duration before) {
        return SampleQuery.builder(GPU).from(to.minus(before)).to(to);
    }

    private static AggregateQuery.Builder group(AggregateQuery.Builder query, Instant to) {
        return query.from(to.minus(HOUR)).to(to);
    }

    private static Page<StoredSample> nextPage(GpuQueries queries) {
        SampleQuery first = samples(LATE, MONTH).build();
        return queries.samples(first.after(queries.samples(first).next().orElseThrow()));
    }

    private static AggregateQuery.Builder aggregate(
            String metric, Aggregation aggregation, Instant to, Duration before) {
        return AggregateQuery.builder(GPU, metric, aggregation)
                .from(to.minus(before))
                .to(to);
    }

    private static GpuQueries queries(DataSource source) {
        return GpuQueries.builder(source)
                .clock(Clock.fixed(LATE, ZoneOffset.UTC))
                .build();
    }

    @Test
    void everyQuestion_isExplained() {
        Set<String> asked = QUESTIONS.keySet().stream()
                .map(name -> name.replaceFirst(",.*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(asked)
                .isEqualTo(Arrays.stream(GpuQueries.class.getDeclaredMethods())
                        .filter(method -> Modifier.isPublic(method.getModifiers()))
                        .filter(method -> !Modifier.isStatic(method.getModifiers()))
                        .map(Method::getName)
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void question_readsNoTableOfSamplesFromEndToEnd(PostgresVersion version) throws Exception {
        Database database = DATABASES.get(version);
        for (String mode : List.of(CUSTOM, GENERIC)) {
            try (RecordedPlans plans = new RecordedPlans(database, mode)) {
                GpuQueries queries = queries(plans);
                QUESTIONS.forEach((name, question) -> {
                    question.accept(queries);
                    List<Plan> seen = plans.plans();
                    assertThat(seen).as(name).isNotEmpty();
                    for (Plan plan : seen) {
                        assertThat(plan.wholeTables())
                                .as("%s with %s: %s", name, mode, plan)
                                .isEmpty();
                    }
                });
            }
        }
    }

    /** The negative control of the test above. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT max(metric_value) FROM gpu_sample WHERE ts >= '2026-03-20'",
                "SELECT * FROM gpu_sample_unpacked WHERE metric_no = 150 AND hour = '2026-03-05 12:00+00'",
                "SELECT * FROM gpu_metrics ORDER BY power_usage LIMIT 1"
            })
    void badQuestion_readsATableFromEndToEnd(String sql) throws Exception {
        try (RecordedPlans plans = new RecordedPlans(DATABASES.get(PostgresVersion.POSTGRES_18), CUSTOM);
                PreparedStatement statement = plans.getConnection().prepareStatement(sql)) {
            statement.execute();
            assertThat(plans.plans()).anyMatch(plan -> !plan.wholeTables().isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void hourOfAMetric_readsItsDayTheTwelfthTime(PostgresVersion version) throws Exception {
        Database database = DATABASES.get(version);
        for (Instant to : List.of(EARLY, LATE)) {
            Set<String> rows = new LinkedHashSet<>();
            Set<Set<String>> tables = new LinkedHashSet<>();
            for (String zone : List.of("UTC", "Europe/Berlin", "Asia/Kathmandu")) {
                for (String mode : List.of("plan_cache_mode = auto", GENERIC)) {
                    try (RecordedPlans plans = new RecordedPlans(database, mode + "; SET TimeZone = '" + zone + "'")) {
                        for (int time = 1; time <= 12; time++) {
                            rows.add(queries(plans)
                                    .samples(samples(to, HOUR).metric(TEMP).build())
                                    .rows()
                                    .toString());
                            tables.add(days(plans.plans()));
                        }
                        assertThat(plans.parameterTypes())
                                .contains("timestamp with time zone")
                                .doesNotContain("date", "timestamp without time zone", "text");
                    }
                }
            }
            assertThat(rows).hasSize(1);
            assertThat(tables).allMatch(read -> read.size() <= 2);
        }
    }

    /** The negative control of the test above. */
    @Test
    void castOfATime_readsAllDays() throws Exception {
        String sql = "SELECT * FROM gpu_sample WHERE gpu_no = 7 AND metric_no = 150 AND ts::date = '2026-03-20'";
        try (RecordedPlans plans = new RecordedPlans(DATABASES.get(PostgresVersion.POSTGRES_18), CUSTOM);
                PreparedStatement statement = plans.getConnection().prepareStatement(sql)) {
            statement.execute();
            assertThat(days(plans.plans())).hasSizeGreaterThan(2);
        }
    }

    private static Set<String> days(List<Plan> plans) {
        return plans.stream()
                .flatMap(plan -> plan.tables().stream())
                .map(table -> table.replaceFirst(".*_", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Forty GPUs have every metric, and samples of every 20 minutes. */
    @Test
    void metricsOfManyGpus_areCountedOnSomeOfThem() {
        assertThat(queries(DATABASES.get(PostgresVersion.POSTGRES_18).dataSource())
                        .metrics())
                .hasSize(5)
                .allSatisfy(metric -> assertThat(metric.samplesOfLastDay()).isEqualTo(40 * 72));
    }

    @Test
    void texts_haveNoClockAndNoFunctionOfATime() throws SQLException {
        try (RecordedPlans plans = new RecordedPlans(DATABASES.get(PostgresVersion.POSTGRES_18), GENERIC)) {
            QUESTIONS.values().forEach(question -> question.accept(queries(plans)));
            assertThat(plans.texts())
                    .allSatisfy(text -> assertThat(text)
                            .doesNotContainIgnoringCase("now()")
                            .doesNotContainIgnoringCase("current_timestamp"));
            assertThat(plans.plans().stream().flatMap(plan -> plan.conditions().stream()))
                    .noneMatch(condition -> condition.matches(".*\\b(?!ROW\\()\\w+\\((\\w+\\.)?(ts|hour|time)\\b.*")
                            || condition.matches(".*\\((\\w+\\.)?(ts|hour|time)\\)::.*"));
        }
    }
}

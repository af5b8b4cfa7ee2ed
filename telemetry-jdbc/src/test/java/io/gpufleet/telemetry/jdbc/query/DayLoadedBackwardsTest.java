package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.query.MonthOfSamples.FIRST;
import static io.gpufleet.telemetry.jdbc.query.MonthOfSamples.GPU;
import static io.gpufleet.telemetry.jdbc.query.MonthOfSamples.TEMP;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.query.RecordedPlans.Plan;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The pages that questions read on a day whose rows were stored in order, and on one stored GPU by GPU, backwards. */
final class DayLoadedBackwardsTest {
    private static final Instant END =
            FIRST.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    private static final String IN_ORDER = "ts, g, m";
    private static final String BACKWARDS = "g DESC, m DESC, ts DESC";

    private static final Map<String, Consumer<GpuQueries>> QUESTIONS = new LinkedHashMap<>();

    static {
        QUESTIONS.put("latest", queries -> queries.latest(LatestQuery.ofGpu(GPU).build()));
        QUESTIONS.put(
                "an hour of a metric",
                queries -> queries.samples(SampleQuery.builder(GPU)
                        .metric(TEMP)
                        .from(END.minus(Duration.ofHours(13)))
                        .to(END.minus(Duration.ofHours(12)))
                        .build()));
        QUESTIONS.put(
                "a page", queries -> queries.samples(SampleQuery.builder(GPU).build()));
        QUESTIONS.put(
                "a day in buckets",
                queries -> queries.aggregate(AggregateQuery.builder(GPU, TEMP, Aggregation.AVG)
                        .bucket(Duration.ofHours(1))
                        .build()));
    }

    private static Map<String, Long> pages(String order) throws SQLException {
        Database database = MonthOfSamples.dayIn(PostgresVersion.POSTGRES_18, order);
        Map<String, Long> pages = new LinkedHashMap<>();
        try (RecordedPlans plans = new RecordedPlans(database, "jit = off")) {
            GpuQueries queries = GpuQueries.builder(plans)
                    .clock(Clock.fixed(END, ZoneOffset.UTC))
                    .build();
            QUESTIONS.forEach((name, question) -> {
                question.accept(queries);
                pages.put(name, plans.plans().stream().mapToLong(Plan::pages).sum());
            });
        }
        return pages;
    }

    @Test
    void questions_readHardlyMorePagesThanOfADayInOrder() throws Exception {
        Map<String, Long> inOrder = pages(IN_ORDER);
        Map<String, Long> backwards = pages(BACKWARDS);
        QUESTIONS
                .keySet()
                .forEach(name -> assertThat(backwards.get(name))
                        .as("%s: %s, %s", name, inOrder, backwards)
                        .isPositive()
                        .isLessThanOrEqualTo(2 * inOrder.get(name)));
    }
}

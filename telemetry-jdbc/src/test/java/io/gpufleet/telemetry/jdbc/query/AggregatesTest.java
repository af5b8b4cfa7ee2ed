package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.query.StoredFleet.U;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.gpu;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.sample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Duration;
import java.time.Instant;
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

/** Aggregations of gauges and counters, over ranges and buckets of them, from rows and from compacted days. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class AggregatesTest {
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final String ENERGY = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION";
    private static final String DAY = "2026-03-01T";

    @Parameter
    PostgresVersion version;

    private StoredFleet fleet;

    @BeforeEach
    void create() {
        fleet = new StoredFleet(version);
    }

    private static AggregateQuery.Builder ask(String metric, String aggregation, String from, String to) {
        return AggregateQuery.builder(U, metric, Aggregation.named(aggregation))
                .from(Instant.parse(DAY + from + "Z"))
                .to(Instant.parse(DAY + to + "Z"));
    }

    /** Returns beginning, value and samples of each row. */
    private List<String> answer(AggregateQuery.Builder query) {
        return fleet.queries().aggregate(query.build()).stream()
                .map(row -> row.start()
                                .map(start -> start.toString().substring(11, 16) + " ")
                                .orElse("")
                        + (row.value().isPresent() ? row.value().getAsDouble() : "null") + " " + row.samples())
                .toList();
    }

    private void store(String metric, Object... timesAndValues) {
        List<GpuSample> samples = new ArrayList<>();
        for (int n = 0; n < timesAndValues.length; n += 2) {
            samples.add(sample(
                    gpu(U).build(),
                    metric,
                    ((Number) timesAndValues[n + 1]).doubleValue(),
                    DAY + timesAndValues[n] + "Z"));
        }
        fleet.store(samples);
    }

    private void compactIf(boolean isCompacted) {
        if (isCompacted) {
            fleet.compact(LocalDate.parse("2026-03-01"));
            assertThat(fleet.database().count("gpu_sample")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void range_countsBothEnds(boolean isCompacted) {
        store(TEMP, "12:00:00", 10, "12:01:00", 20, "12:02:00", 30);
        compactIf(isCompacted);
        assertThat(answer(ask(TEMP, "count", "12:00:00", "12:01:00"))).containsExactly("2.0 2");
        assertThat(answer(ask(TEMP, "count", "12:01:00", "12:02:00"))).containsExactly("2.0 2");
        assertThat(answer(ask(TEMP, "count", "12:01:00", "12:01:00"))).containsExactly("1.0 1");
        assertThat(answer(ask(TEMP, "count", "12:00:00", "12:02:00"))).containsExactly("3.0 3");
        assertThat(answer(ask(TEMP, "count", "12:00:00.000001", "12:01:59.999999")))
                .containsExactly("1.0 1");
        assertThat(answer(ask(TEMP, "count", "12:00:00", "12:02:00").bucket(Duration.ofMinutes(1))))
                .containsExactly("12:00 1.0 1", "12:01 1.0 1", "12:02 1.0 1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void buckets_beginOnTheGrid(boolean isCompacted) {
        store(TEMP, "12:04:30", 60, "12:05:00", 62, "12:09:59.999999", 64, "12:10:00", 70, "12:21:00", 50);
        compactIf(isCompacted);
        assertThat(answer(ask(TEMP, "avg", "12:04:00", "12:12:00").bucket(Duration.ofMinutes(5))))
                .containsExactly("12:00 60.0 1", "12:05 63.0 2", "12:10 70.0 1");
        assertThat(answer(ask(TEMP, "avg", "12:04:31", "12:30:00").bucket(Duration.ofMinutes(5))))
                .containsExactly("12:05 63.0 2", "12:10 70.0 1", "12:20 50.0 1");
        assertThat(answer(ask(TEMP, "avg", "12:04:00", "12:12:00").bucket(Duration.ofMinutes(7))))
                .containsExactly("12:00 61.0 2", "12:07 67.0 2");
        assertThat(fleet.queries()
                        .aggregate(ask(TEMP, "avg", "12:00:00", "12:30:00")
                                .bucket(Duration.ofDays(7))
                                .build()))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.start()).hasValue(Instant.parse("2026-02-26T00:00:00Z"));
                    assertThat(row.value()).hasValue(61.2);
                    assertThat(row.samples()).isEqualTo(5);
                });
        assertThat(answer(ask(TEMP, "avg", "14:00:00", "15:00:00").bucket(Duration.ofMinutes(5))))
                .isEmpty();
    }

    @Test
    void bucket_tooSmallForTheRangeIsRefusedWithTheSmallest() {
        store(TEMP, "12:00:00", 60);
        Instant from = Instant.parse("2026-03-01T00:00:00Z");
        AggregateQuery.Builder query =
                AggregateQuery.builder(U, TEMP, Aggregation.AVG).from(from).to(from.plus(Duration.ofDays(30)));
        for (int seconds : List.of(1, 60, 235)) {
            assertThatExceptionOfType(InvalidQueryException.class)
                    .isThrownBy(() -> fleet.queries()
                            .aggregate(query.bucket(Duration.ofSeconds(seconds)).build()))
                    .withMessage("bucket must be 236..2592000 for this range, was " + seconds)
                    .satisfies(e -> assertThat(e.parameter()).isEqualTo("bucket"));
        }
        assertThat(answer(query.bucket(Duration.ofSeconds(236)))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void counter_risesToTheLaterSample(boolean isCompacted) {
        store(ENERGY, "12:03:00", 200, "12:00:00", 1000, "12:04:00", 700, "12:01:00", 4000, "12:02:00", 4500);
        store(ENERGY, "12:01:00", 4000);
        compactIf(isCompacted);
        assertThat(answer(ask(ENERGY, "increase", "12:00:00", "12:04:00"))).containsExactly("4200.0 5");
        assertThat(answer(ask(ENERGY, "rate", "12:00:00", "12:04:00"))).containsExactly("17.5 5");
        assertThat(answer(ask(ENERGY, "increase", "12:00:00", "12:04:00").bucket(Duration.ofMinutes(2))))
                .containsExactly("12:00 3000.0 2", "12:02 700.0 2", "12:04 500.0 1");
        assertThat(answer(ask(ENERGY, "rate", "12:00:00", "12:04:00").bucket(Duration.ofMinutes(2))))
                .containsExactly("12:00 50.0 2", "12:02 5.833333333333333 2", "12:04 8.333333333333334 1");
        assertThat(answer(ask(ENERGY, "increase", "12:00:00", "12:04:00").bucket(Duration.ofMinutes(1))))
                .containsExactly("12:00 0.0 1", "12:01 3000.0 1", "12:02 500.0 1", "12:03 200.0 1", "12:04 500.0 1");
        assertThat(answer(ask(ENERGY, "increase", "12:01:00", "12:04:00"))).containsExactly("1200.0 4");
        assertThat(answer(ask(ENERGY, "rate", "12:01:00", "12:04:00"))).containsExactly("6.666666666666667 4");
        assertThat(answer(ask(ENERGY, "increase", "12:00:00", "12:00:00"))).containsExactly("0.0 1");
        assertThat(answer(ask(ENERGY, "rate", "12:00:00", "12:00:00"))).containsExactly("null 1");
        assertThat(answer(ask(ENERGY, "max", "12:00:00", "12:04:00"))).containsExactly("4500.0 5");
        assertThat(answer(ask(ENERGY, "min", "12:00:00", "12:04:00"))).containsExactly("200.0 5");
        assertThat(answer(ask(ENERGY, "count", "12:00:00", "12:04:00"))).containsExactly("5.0 5");
    }

    @Test
    void aggregation_ofAnotherKindIsRefused() {
        store(ENERGY, "12:00:00", 200);
        store("DCGM_FI_DEV_POWER_USAGE", "12:00:00", 200);
        store("DCGM_FI_PROF_PCIE_TX_BYTES", "12:00:00", 200);
        for (String function : List.of("sum", "avg", "last")) {
            assertRefused(
                    ENERGY,
                    function,
                    "aggregation " + function + " is not allowed for the counter " + ENERGY
                            + "; allowed: min, max, count, increase, rate");
        }
        assertRefused(
                "DCGM_FI_DEV_POWER_USAGE",
                "increase",
                "aggregation increase is not allowed for the gauge DCGM_FI_DEV_POWER_USAGE; allowed: min, max, avg, sum,"
                        + " count, last");
        assertRefused(
                "DCGM_FI_PROF_PCIE_TX_BYTES",
                "increase",
                "DCGM_FI_PROF_PCIE_TX_BYTES is a rate, not a counter; use avg");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> Aggregation.named("AVG"))
                .withMessage("aggregation \"AVG\" is not known; allowed: min, max, avg, sum, count, last, increase,"
                        + " rate");
    }

    private void assertRefused(String metric, String function, String message) {
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> answer(ask(metric, function, "12:00:00", "12:04:00")))
                .withMessage(message)
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("aggregation"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void copies_doNotWeigh(boolean isCompacted) {
        List<GpuSample> scrape = new ArrayList<>();
        scrape.add(sample(gpu(U).build(), TEMP, 60, DAY + "12:00:00Z"));
        for (int pod = 0; pod < 3; pod++) {
            scrape.add(sample(
                    gpu(U).namespace("ml").pod("p" + pod).container("c").build(), TEMP, 60 + pod, DAY + "12:00:00Z"));
        }
        scrape.add(sample(gpu(U).build(), TEMP, 70, DAY + "12:01:00Z"));
        fleet.store(io.gpufleet.telemetry.gpu.Scope.assign(scrape));
        compactIf(isCompacted);
        assertThat(answer(ask(TEMP, "avg", "12:00:00", "12:04:00"))).containsExactly("65.0 2");
        assertThat(answer(ask(TEMP, "last", "12:00:00", "12:04:00"))).containsExactly("70.0 2");
    }

    /** A value holds until the next one, for five minutes at most, and not beyond the range. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void timeWeighted_weighsTheTimeThatAValueHolds(boolean isCompacted) {
        store(TEMP, "12:00:00", 10, "12:01:00", 20, "12:30:00", 40);
        compactIf(isCompacted);
        assertThat(answer(ask(TEMP, "avg", "12:00:00", "12:31:00").timeWeighted()))
                .as("60 s, 300 s and 60 s")
                .containsExactly((10 * 60 + 20 * 300 + 40 * 60.0) / 420 + " 3");
        assertThat(answer(ask(TEMP, "avg", "12:00:00", "12:01:30").timeWeighted()))
                .containsExactly((10 * 60 + 20 * 30.0) / 90 + " 2");
        assertThat(answer(
                        ask(TEMP, "avg", "12:00:30", "12:31:00").timeWeighted().bucket(Duration.ofMinutes(2))))
                .as("buckets without a sample are left out, also if a value holds in them")
                .containsExactly("12:00 20.0 1", "12:30 40.0 1");
        assertThat(answer(
                        ask(TEMP, "avg", "12:00:00", "12:31:00").timeWeighted().bucket(Duration.ofSeconds(90))))
                .as("one minute of the first value, and half a minute of the second one")
                .containsExactly("12:00 " + (10 * 60 + 20 * 30.0) / 90 + " 2", "12:30 40.0 1");
        assertThat(answer(ask(TEMP, "avg", "12:01:00", "12:01:00").timeWeighted()))
                .as("no time is held")
                .containsExactly("20.0 1");
    }

    @Test
    void values_areNotRounded() {
        store("DCGM_FI_PROF_SM_ACTIVE", "12:00:00", 0.1, "12:01:00", 0.2);
        assertThat(answer(ask("DCGM_FI_PROF_SM_ACTIVE", "sum", "12:00:00", "12:04:00")))
                .containsExactly("0.30000000000000004 2");
        assertThat(answer(ask("DCGM_FI_PROF_SM_ACTIVE", "avg", "12:00:00", "12:04:00")))
                .containsExactly("0.15000000000000002 2");
    }

    @Test
    void buckets_mayBeLongerThanAnyIntervalOfTheServer() {
        store(TEMP, "12:04:30", 60);
        for (String seconds : List.of("253402300801", "9007199254740993", "9223372036854775807")) {
            assertThat(fleet.queries()
                            .aggregate(ask(TEMP, "avg", "12:00:00", "12:30:00")
                                    .bucket(QueryTexts.bucket(seconds))
                                    .build()))
                    .singleElement()
                    .satisfies(row -> assertThat(row.start()).hasValue(Instant.EPOCH));
        }
    }

    /** No answer is infinite, and none is 0 because it is too small. */
    @ParameterizedTest
    @ValueSource(strings = {"sum", "avg"})
    void resultsThatNoDoubleHolds_areRefused(String aggregation) {
        store(TEMP, "12:00:00", 1.7e308, "12:01:00", 1.7e308);
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> answer(ask(TEMP, aggregation, "12:00:00", "12:01:00")))
                .withMessage("aggregation " + aggregation + " of " + TEMP
                        + " is beyond the numbers of a double; allowed here: min, max, count");
        assertThat(answer(ask(TEMP, "max", "12:00:00", "12:01:00"))).containsExactly("1.7E308 2");
    }
}

package io.gpufleet.telemetry.gpu;

import static io.gpufleet.telemetry.gpu.Samples.NOON;
import static io.gpufleet.telemetry.gpu.Samples.gpu;
import static io.gpufleet.telemetry.gpu.Samples.sample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GpuMetricsRowTest {
    private static final Duration TOLERANCE = Duration.ofSeconds(15);
    private static final Duration GRID = Duration.ofSeconds(30);
    private static final GpuMetric GR_ENGINE = GpuMetric.named("DCGM_FI_PROF_GR_ENGINE_ACTIVE");
    private static final long MIB = 1 << 20;

    private static GpuSubject.Builder gi(int id, String profile) {
        return gpu().migInstance(String.valueOf(id)).migProfile(profile);
    }

    private static GpuSample at(String time, GpuMetric metric, double value) {
        return GpuSample.of(Instant.parse("2026-03-01T" + time + "Z"), metric, value, gpu().build());
    }

    private static List<GpuMetricsRow> join(GpuSample... samples) {
        return GpuMetricsRow.join(Scope.assign(List.of(samples)), i -> true, TOLERANCE);
    }

    private static GpuMetricsRow whole(List<GpuMetricsRow> rows) {
        List<GpuMetricsRow> whole =
                rows.stream().filter(row -> row.instance().isEmpty()).toList();
        assertThat(whole).hasSize(1);
        return whole.get(0);
    }

    private static List<GpuMetricsRow> instances(List<GpuMetricsRow> rows) {
        return rows.stream().filter(row -> !row.instance().isEmpty()).toList();
    }

    /** The numbers are stored, so they never change. */
    @Test
    void number_isWhatIsStored() {
        assertThat(Arrays.stream(GpuReading.values()).map(reading -> reading.number() + " " + reading.column()))
                .startsWith("0 gpu_temp", "1 memory_temp", "2 power_usage", "3 throttle_reasons", "4 fb_used_bytes")
                .contains("22 gpu_utilization", "28 xid_last", "27 energy_mj", "47 base_clocks_violation_ns")
                .endsWith("53 nvlink_links", "54 mig_instances")
                .hasSizeLessThan(Long.SIZE);
    }

    @Test
    void join_ofAllMetricsWithinTheToleranceGivesOneRow() {
        List<GpuMetricsRow> rows = join(
                at("20:42:37", GpuMetric.named("DCGM_FI_DEV_SM_CLOCK"), 1980),
                at("20:42:36", GpuMetric.DEC_UTIL, 0),
                at("20:42:34", GpuMetric.GPU_UTIL, 80),
                at("20:42:34", GpuMetric.MEM_COPY_UTIL, 20),
                at("20:42:34", GpuMetric.POWER_USAGE, 512.5),
                at("20:42:35", GpuMetric.GPU_TEMP, 61),
                at("20:42:35", GpuMetric.FB_USED, 4),
                at("20:43:04", GpuMetric.GPU_UTIL, 90));

        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).time()).isEqualTo("2026-03-01T20:42:34Z");
        assertThat(rows.get(0).value(GpuReading.GPU_UTILIZATION)).hasValue(80);
        assertThat(rows.get(0).value(GpuReading.POWER_USAGE)).hasValue(512.5);
        assertThat(rows.get(0).value(GpuReading.SM_CLOCK)).hasValue(1980);
        assertThat(rows.get(0).count(GpuReading.FB_USED)).hasValue(4 * MIB);
        assertThat(rows.get(0).has(GpuReading.MEMORY_TEMP)).isFalse();
        assertThat(rows.get(1).time()).isEqualTo("2026-03-01T20:43:04Z");
        assertThat(rows.get(1).value(GpuReading.GPU_UTILIZATION)).hasValue(90);
    }

    @Test
    void join_ofAMetricThatComesTwiceOpensTheNextRow() {
        List<GpuMetricsRow> rows = join(
                at("12:00:00", GpuMetric.GPU_UTIL, 1),
                at("12:00:05", GpuMetric.GPU_UTIL, 2),
                at("12:00:06", GpuMetric.GPU_TEMP, 3));
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).has(GpuReading.GPU_TEMP)).isFalse();
        assertThat(rows.get(1).value(GpuReading.GPU_TEMP)).hasValue(3);
    }

    @Test
    void join_atTheToleranceIsInAndBeyondItIsOut() {
        assertThat(join(at("12:00:00", GpuMetric.GPU_UTIL, 1), at("12:00:15", GpuMetric.GPU_TEMP, 2)))
                .hasSize(1);
        assertThat(join(at("12:00:00", GpuMetric.GPU_UTIL, 1), at("12:00:15.000001", GpuMetric.GPU_TEMP, 2)))
                .hasSize(2);
    }

    /**
     * Device-wide readings are one sensor's; memory adds up in the database; a share of an instance is none of the GPU.
     */
    @Test
    void join_ofInstancesTakesTheLargestOfADevicesReading() {
        List<GpuMetricsRow> rows = join(
                sample(GpuMetric.POWER_USAGE, 112.25, gi(7, "1g.5gb")),
                sample(GpuMetric.POWER_USAGE, 106.5, gi(8, "1g.5gb")),
                sample(GpuMetric.POWER_USAGE, 112.25, gi(5, "2g.10gb")),
                sample(GpuMetric.FB_USED, 6, gi(7, "1g.5gb")),
                sample(GpuMetric.FB_USED, 4384, gi(8, "1g.5gb")),
                sample(GpuMetric.FB_USED, 13, gi(5, "2g.10gb")),
                sample(GR_ENGINE, 0, gi(7, "1g.5gb")),
                sample(GR_ENGINE, 0.4085, gi(8, "1g.5gb")),
                sample(GR_ENGINE, 0.25, gi(5, "2g.10gb")));

        GpuMetricsRow whole = whole(rows);
        assertThat(whole.value(GpuReading.POWER_USAGE)).hasValue(112.25);
        assertThat(whole.isDerived(GpuReading.POWER_USAGE)).isTrue();
        assertThat(whole.has(GpuReading.FB_USED)).isFalse();
        assertThat(whole.has(GpuReading.SM_ACTIVE)).isFalse();
        assertThat(instances(rows))
                .extracting(GpuMetricsRow::instance, GpuMetricsRow::profile, row -> row.count(GpuReading.FB_USED))
                .containsExactlyInAnyOrder(
                        tuple("7", "1g.5gb", OptionalLong.of(6 * MIB)),
                        tuple("8", "1g.5gb", OptionalLong.of(4384 * MIB)),
                        tuple("5", "2g.10gb", OptionalLong.of(13 * MIB)));
        assertThat(instances(rows).stream().map(GpuMetricsRow::grEngineActive))
                .contains(OptionalDouble.of(0.4085 * 100));
    }

    @Test
    void join_prefersTheReadingOfTheWholeGpu() {
        List<GpuMetricsRow> rows =
                join(sample(GpuMetric.POWER_USAGE, 112.25, gi(7, "1g.5gb")), sample(GpuMetric.POWER_USAGE, 90, gpu()));
        assertThat(whole(rows).value(GpuReading.POWER_USAGE)).hasValue(90);
        assertThat(whole(rows).isDerived(GpuReading.POWER_USAGE)).isFalse();
    }

    @Test
    void join_ofWorkloadsTakesTheLargestUnlessTheGpuHasItsOwn() {
        GpuSample a = sample(
                GpuMetric.POWER_USAGE, 200, gpu().namespace("ml").pod("a").vgpu("0"));
        GpuSample b = sample(
                GpuMetric.POWER_USAGE, 201, gpu().namespace("ml").pod("b").vgpu("1"));
        assertThat(whole(join(a, b)).value(GpuReading.POWER_USAGE)).hasValue(201);
        assertThat(whole(join(a, b, sample(GpuMetric.POWER_USAGE, 150, gpu()))).value(GpuReading.POWER_USAGE))
                .hasValue(150);
    }

    @Test
    void join_takesTheNewestXidOfInstancesAndOfOneTimeTheLarger() {
        GpuMetricsRow row =
                whole(join(sample(GpuMetric.XID_ERRORS, 31, gi(7, "")), sample(GpuMetric.XID_ERRORS, 45, gi(8, ""))));
        assertThat(row.count(GpuReading.XID_LAST)).hasValue(45);
    }

    /** Instances share the row of their GPU, or the sum of their memory would lack one of them. */
    @Test
    void join_givesAnInstanceWithoutTheFirstReadingTheTimeOfItsGpu() {
        List<GpuMetricsRow> rows = join(
                sample(GpuMetric.POWER_USAGE, 1, gi(7, "")),
                GpuSample.of(
                        NOON.plusSeconds(1), GpuMetric.FB_USED, 2, gi(7, "").build()),
                GpuSample.of(
                        NOON.plusSeconds(1), GpuMetric.FB_USED, 3, gi(8, "").build()));
        assertThat(rows).hasSize(3).allSatisfy(row -> assertThat(row.time()).isEqualTo(NOON));
    }

    @Test
    void join_leavesOutLinksSeriesAndMetricsWithoutColumn() {
        assertThat(join(
                        sample(GpuMetric.POWER_USAGE, 1, gpu().nvlink("3")),
                        sample(GpuMetric.XID_ERRORS, 31, gpu().discriminator("xid", "31")),
                        sample(GR_ENGINE, 0.5, gpu()),
                        sample(GpuMetric.ENC_UTIL, 1, gpu())))
                .isEmpty();
    }

    /** A key of a row must be storable in every database. */
    @Test
    void join_ofAnInstanceWithAnOddIdGivesTheRowOfTheGpuOnly() {
        List<GpuMetricsRow> rows = join(sample(GpuMetric.POWER_USAGE, 7, gpu().migInstance("a\0b")));
        assertThat(whole(rows).value(GpuReading.POWER_USAGE)).hasValue(7);
        assertThat(instances(rows)).isEmpty();
    }

    @Test
    void join_ofNewNamesOfFieldsFillsTheSameColumns() {
        GpuMetricsRow row = whole(join(
                sample(GpuMetric.named("DCGM_FI_DEV_GPU_UTIL_RATIO"), 87, gpu()),
                sample(GpuMetric.named("DCGM_FI_PROF_SM_UTIL_RATIO"), 0.87, gpu())));
        assertThat(row.value(GpuReading.GPU_UTILIZATION)).hasValue(87);
        assertThat(row.value(GpuReading.SM_ACTIVE)).hasValue(87);
    }

    /** A replayed record places its samples as before, but brings only those that were missing. */
    @Test
    void join_placesByAllSamplesAndBringsTheNewOnes() {
        List<GpuSample> message = List.of(at("12:00:00", GpuMetric.GPU_UTIL, 1), at("12:00:02", GpuMetric.GPU_TEMP, 2));
        List<GpuMetricsRow> rows = GpuMetricsRow.join(message, i -> i == 1, TOLERANCE);
        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).time()).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(rows.get(0).has(GpuReading.GPU_UTILIZATION)).isFalse();
        assertThat(rows.get(0).value(GpuReading.GPU_TEMP)).hasValue(2);
        assertThat(GpuMetricsRow.join(message, i -> false, TOLERANCE)).isEmpty();
    }

    @Test
    void join_flagsARowWhoseColumnCannotHoldAValue() {
        GpuMetricsRow row = whole(join(
                sample(GpuMetric.CLOCK_THROTTLE_REASONS, 0x1p40, gpu()), sample(GpuMetric.GPU_TEMP, 1e300, gpu())));
        assertThat(row.has(GpuReading.THROTTLE_REASONS)).isFalse();
        assertThat(row.has(GpuReading.GPU_TEMP)).isFalse();
        assertThat(row.quality()).isEqualTo(QualityFlag.OUT_OF_RANGE.bit());
    }

    @Test
    void join_keepsTheFlagsOfItsSamples() {
        GpuSample late = sample(GpuMetric.GPU_TEMP, 1, gpu()).withQuality(Set.of(QualityFlag.LATE));
        assertThat(whole(join(late, sample(GpuMetric.GPU_UTIL, 1, gpu()))).quality())
                .isEqualTo(QualityFlag.LATE.bit());
    }

    @Test
    void merge_fillsBlanksOnly() {
        GpuMetricsRow first = whole(join(sample(GpuMetric.GPU_TEMP, 50, gpu())));
        GpuMetricsRow second =
                whole(join(sample(GpuMetric.GPU_TEMP, 60, gpu()), sample(GpuMetric.POWER_USAGE, 300, gpu())));
        GpuMetricsRow merged = first.merge(second);
        assertThat(merged.value(GpuReading.GPU_TEMP)).hasValue(50);
        assertThat(merged.value(GpuReading.POWER_USAGE)).hasValue(300);
        assertThat(merged.merge(second)).isEqualTo(merged);
    }

    @Test
    void merge_ofInstancesOverMessagesIsTheLargestUntilTheGpuHasItsOwn() {
        GpuMetricsRow seven = whole(join(sample(GpuMetric.POWER_USAGE, 106.5, gi(7, ""))));
        GpuMetricsRow eight = whole(join(sample(GpuMetric.POWER_USAGE, 112.25, gi(8, ""))));
        GpuMetricsRow own = whole(join(sample(GpuMetric.POWER_USAGE, 90, gpu())));
        assertThat(seven.merge(eight)).isEqualTo(eight.merge(seven)).isEqualTo(eight);
        assertThat(own.merge(eight)).isEqualTo(eight.merge(own)).isEqualTo(own);
    }

    @Test
    void inGrid_putsASampleIntoItsCell() {
        GpuMetricsRow row = whole(GpuMetricsRow.inGrid(List.of(at("12:00:44.000007", GpuMetric.GPU_TEMP, 61)), GRID));
        assertThat(row.time()).isEqualTo("2026-03-01T12:00:30Z");
        assertThat(row.offset(GpuReading.GPU_TEMP)).hasValue(14_000_007);
        assertThat(row.offset(GpuReading.POWER_USAGE)).isEmpty();
        assertThat(whole(join(at("12:00:44", GpuMetric.GPU_TEMP, 61))).offset(GpuReading.GPU_TEMP))
                .isEmpty();
    }

    @Test
    void inGrid_refusesACellThatItCannotCount() {
        GpuSample sample = at("12:00:00", GpuMetric.GPU_TEMP, 1);
        for (Duration grid : List.of(Duration.ZERO, Duration.ofNanos(999), Duration.ofMinutes(31))) {
            assertThatThrownBy(() -> GpuMetricsRow.inGrid(List.of(sample), grid))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("grid");
        }
        assertThatThrownBy(() -> GpuMetricsRow.join(List.of(), i -> true, Duration.ofSeconds(-1)))
                .hasMessage("tolerance: PT-1S is not 0 or more");
    }

    /**
     * Every order and grouping gives the newest value of each cell, of one time the larger, of the GPU before others.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void merge_inTheGridGivesTheSameRowInAnyOrder(long seed) {
        Random random = new Random(seed);
        List<GpuSample> samples = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            GpuSubject.Builder subject = random.nextInt(4) == 0 ? gpu() : gi(random.nextInt(3), "");
            samples.add(GpuSample.of(
                    NOON.plusSeconds(random.nextInt(60)), GpuMetric.GPU_TEMP, random.nextInt(5), subject.build()));
        }
        Map<List<Object>, GpuMetricsRow> expected = rows(samples);
        samples.addAll(samples.subList(0, 50));
        Collections.shuffle(samples, random);
        assertThat(rows(samples)).isEqualTo(expected);
        assertThat(GpuMetricsRow.inGrid(samples, GRID)).containsExactlyInAnyOrderElementsOf(expected.values());
        expected.forEach((key, row) -> assertThat(row.value(GpuReading.GPU_TEMP))
                .isEqualTo(row.instance().isEmpty() ? newest(samples, row.time()) : OptionalDouble.empty()));
    }

    private static OptionalDouble newest(List<GpuSample> samples, Instant cell) {
        Optional<GpuSample> newest = samples.stream()
                .filter(s -> !s.time().isBefore(cell) && s.time().isBefore(cell.plus(GRID)))
                .max(Comparator.<GpuSample, Boolean>comparing(s -> !s.subject().isMigInstance())
                        .thenComparing(GpuSample::time)
                        .thenComparing(GpuSample::value));
        return newest.isPresent() ? OptionalDouble.of(newest.get().value()) : OptionalDouble.empty();
    }

    private static Map<List<Object>, GpuMetricsRow> rows(List<GpuSample> samples) {
        Map<List<Object>, GpuMetricsRow> rows = new HashMap<>();
        for (GpuSample sample : samples) {
            for (GpuMetricsRow row : GpuMetricsRow.inGrid(List.of(sample), GRID)) {
                rows.merge(List.of(row.instance(), row.time()), row, GpuMetricsRow::merge);
            }
        }
        return rows;
    }

    @Test
    void of_anEventHasItsReadingsInTheUnitsOfTheColumns() {
        MetricEvent event = MetricEvent.builder(
                        new MetricEvent.Gpu(Samples.UUID, "", OptionalInt.empty(), "", "", "", ""),
                        new MetricEvent.Host("n1", "", "", ""))
                .time(NOON)
                .value(GpuReading.FB_USED, 4403)
                .value(GpuReading.GPU_TEMP, 61.3)
                .value(GpuReading.PCIE_TX, 1.5)
                .count(GpuReading.ENERGY, (1L << 53) + 1)
                .quality(MetricEvent.Quality.NONE.with(QualityFlag.LATE))
                .build();
        GpuMetricsRow row = GpuMetricsRow.of(event, NOON);
        assertThat(row.count(GpuReading.FB_USED)).hasValue(4403 * MIB);
        assertThat(row.value(GpuReading.GPU_TEMP)).hasValue(61.3f);
        assertThat(row.value(GpuReading.PCIE_TX)).hasValue(1.5 * MIB);
        assertThat(row.count(GpuReading.ENERGY)).hasValue((1L << 53) + 1);
        assertThat(row.quality()).isEqualTo(QualityFlag.LATE.bit());
        assertThat(row.validationPassed()).isEmpty();
        assertThatThrownBy(() -> row.count(GpuReading.GPU_TEMP)).hasMessageContaining("GPU_TEMP");
    }

    @Test
    void builder_makesARowAsItIsStored() {
        GpuMetricsRow row = GpuMetricsRow.builder("GPU-1", Instant.parse("2026-03-01T12:00:00.123456789Z"))
                .value(GpuReading.GPU_TEMP, 61)
                .count(GpuReading.ENERGY, Long.MAX_VALUE)
                .offset(GpuReading.GPU_TEMP, 7)
                .derived(1L << GpuReading.GPU_TEMP.number())
                .quality(QualityFlag.OUT_OF_RANGE.bit())
                .validationPassed(true)
                .collectionLatencyMs(1.5)
                .build();
        assertThat(row.time()).isEqualTo(Instant.parse("2026-03-01T12:00:00.123456Z"));
        assertThat(row.value(GpuReading.GPU_TEMP)).hasValue(61);
        assertThat(row.count(GpuReading.ENERGY)).hasValue(Long.MAX_VALUE);
        assertThat(row.offset(GpuReading.GPU_TEMP)).hasValue(7);
        assertThat(row.isDerived(GpuReading.GPU_TEMP)).isTrue();
        assertThat(row.quality()).isEqualTo(QualityFlag.OUT_OF_RANGE.bit());
        assertThat(row.validationPassed()).contains(true);
        assertThat(row.collectionLatencyMs()).hasValue(1.5);
        assertThat(row.has(GpuReading.POWER_USAGE)).isFalse();
    }

    @Test
    void builder_refusesWhatNoColumnHolds() {
        GpuMetricsRow.Builder row = GpuMetricsRow.builder("GPU-1", Instant.EPOCH);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> row.count(GpuReading.XID_LAST, 1L << 31))
                .withMessage("xid_last: 2147483648 is no integer");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> row.value(GpuReading.ENERGY, 1e19))
                .withMessage("energy_mj: 1.0E19 is no bigint");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GpuMetricsRow.builder(" ", Instant.EPOCH))
                .withMessage("uuid: \" \" is blank");
    }

    @Test
    void builder_leavesTheRowsThatItHasBuilt() {
        GpuMetricsRow.Builder builder = GpuMetricsRow.builder("GPU-1", Instant.EPOCH)
                .value(GpuReading.GPU_TEMP, 61)
                .offset(GpuReading.GPU_TEMP, 7)
                .validationPassed(true);
        GpuMetricsRow first = builder.build();
        GpuMetricsRow second = builder.value(GpuReading.GPU_TEMP, 62)
                .offset(GpuReading.GPU_TEMP, 8)
                .build();
        assertThat(first.value(GpuReading.GPU_TEMP)).hasValue(61);
        assertThat(first.offset(GpuReading.GPU_TEMP)).hasValue(7);
        assertThat(second.value(GpuReading.GPU_TEMP)).hasValue(62);
        assertThat(second.validationPassed()).contains(true);
    }
}

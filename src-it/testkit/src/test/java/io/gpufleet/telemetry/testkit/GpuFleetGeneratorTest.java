package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.MetricKind;
import io.gpufleet.telemetry.gpu.Scope;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator.Form;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator.Metrics;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator.Names;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GpuFleetGeneratorTest {
    private static final Instant MIDNIGHT = Instant.parse("2026-03-02T00:00:00Z");
    private static final int FLEET = 100_000;

    /** The first bytes of the hashes of what each form writes. */
    private static final Map<Form, String> BYTES = Map.of(
            Form.EXPOSITION_TEXT,
            "37130819",
            Form.EXPOSITION_TEXT_WITH_TIMES,
            "5c14ba9a",
            Form.OPEN_METRICS,
            "5e87fb33",
            Form.CSV,
            "286aa804",
            Form.JSON_OBJECT,
            "3a67543e",
            Form.JSON_ARRAY,
            "3b503823",
            Form.JSON_POST,
            "84205fe0",
            Form.JSON_BATCH,
            "5a85faf8",
            Form.METRIC_EVENT,
            "eb2559d2",
            Form.NVIDIA_SMI,
            "5e9c7b0a");

    @Test
    void sameOptions_yieldTheSameBytesInAnyOrder() {
        List<String> forwards = LongStream.range(0, 20)
                .mapToObj(n -> text(mixed().build(), 3, n))
                .toList();
        List<String> alone = LongStream.range(0, 20)
                .mapToObj(n -> text(mixed().build(), 3, 19 - n))
                .toList();

        for (int n = 0; n < 20; n++) {
            assertThat(forwards.get(n).equals(alone.get(19 - n)))
                    .as("scrape %d", n)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void bytes_stayTheSameFromVersionToVersion(Form form) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        mixed().form(form).build().stream().limit(200).forEach(record -> digest.update(record.value()));

        assertThat(HexFormat.of().formatHex(digest.digest(), 0, 4)).isEqualTo(BYTES.get(form));
    }

    @Test
    void otherSeed_yieldsOtherGpus() {
        assertThat(uuids(GpuFleetGenerator.builder().seed(1).build(), 0))
                .doesNotContainAnyElementsOf(
                        uuids(GpuFleetGenerator.builder().seed(2).build(), 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 6_250, 12_499})
    void largestFleet_isScrapedAnywhere(int host) {
        GpuFleetGenerator fleet =
                GpuFleetGenerator.builder().gpus(FLEET).metrics(Metrics.MANY).build();

        GpuFleetRecord record = only(fleet.records(host, 1_000_000));

        assertThat(fleet.hosts()).isEqualTo(12_500);
        assertThat(record.samples()).hasSize(480);
        assertThat(record.refusals()).isEmpty();
    }

    @Test
    void uuids_areDifferentInTheWholeFleet() {
        GpuFleetGenerator fleet =
                GpuFleetGenerator.builder().gpus(FLEET).metrics(Metrics.FEW).build();
        Set<String> uuids = new HashSet<>();

        IntStream.range(0, fleet.hosts()).forEach(host -> uuids.addAll(uuids(fleet, host)));

        assertThat(uuids).hasSize(FLEET);
    }

    @Test
    void lastHost_hasTheRestOfTheGpus() {
        GpuFleetGenerator fleet = GpuFleetGenerator.builder().gpus(247).build();

        assertThat(fleet.hosts()).isEqualTo(31);
        assertThat(uuids(fleet, 29)).hasSize(8);
        assertThat(uuids(fleet, 30)).hasSize(7);
    }

    @Test
    void counters_riseUntilTheDriverIsLoaded() {
        GpuFleetGenerator fleet = GpuFleetGenerator.builder()
                .metrics(Metrics.MANY)
                .interval(Duration.ofMinutes(20))
                .driverLoads(Duration.ofDays(4))
                .build();
        Map<Object, Double> last = new HashMap<>();
        Set<Instant> falls = new HashSet<>();

        fleet.stream()
                .limit(20 * 72)
                .flatMap(record -> record.samples().stream())
                .forEach(sample -> {
                    Double before = last.put(List.of(sample.metric(), sample.subject()), sample.value());
                    if (sample.metric().kind() == MetricKind.COUNTER && before != null && sample.value() < before) {
                        falls.add(sample.time());
                        assertThat(sample.metric().name()).doesNotContain("AGG", "REMAPPED", "RETIRED");
                    }
                });

        assertThat(falls).hasSizeBetween(4, 6);
    }

    @Test
    void energy_isTheSumOfThePower() {
        GpuFleetGenerator fleet = GpuFleetGenerator.builder()
                .start(MIDNIGHT)
                .driverLoads(Duration.ofDays(365))
                .build();
        int scrapes = 2 * 60 * 24;
        double[] joules = new double[8];
        double[] first = new double[8];
        double[] last = new double[8];

        for (int n = 0; n <= scrapes; n++) {
            for (GpuSample sample : only(fleet.records(0, n)).samples()) {
                int gpu = sample.subject().index().orElseThrow();
                if (sample.metric().equals(GpuMetric.POWER_USAGE) && n > 0) {
                    joules[gpu] += sample.value() * 30;
                } else if (sample.metric().name().endsWith("ENERGY_CONSUMPTION")) {
                    first[gpu] = n == 0 ? sample.value() : first[gpu];
                    last[gpu] = sample.value();
                }
            }
        }

        for (int gpu = 0; gpu < 8; gpu++) {
            double share = (last[gpu] - first[gpu]) / 1000 / joules[gpu];
            assertThat(share).as("GPU %d", gpu).isBetween(0.97, 1.03);
        }
    }

    @Test
    void nights_areIdle() {
        GpuFleetGenerator fleet =
                GpuFleetGenerator.builder().gpus(800).start(MIDNIGHT).build();

        double night = mean(fleet, GpuMetric.GPU_UTIL, 2 * 60 * 2);
        double noon = mean(fleet, GpuMetric.GPU_UTIL, 2 * 60 * 12);

        assertThat(night).isBetween(5.0, 30.0);
        assertThat(noon).isBetween(45.0, 80.0);
        assertThat(mean(fleet, GpuMetric.POWER_USAGE, 2 * 60 * 2))
                .isLessThan(mean(fleet, GpuMetric.POWER_USAGE, 2 * 60 * 12) / 2);
    }

    private static double mean(GpuFleetGenerator fleet, GpuMetric metric, int scrape) {
        return IntStream.range(0, fleet.hosts())
                .boxed()
                .flatMap(host -> only(fleet.records(host, scrape)).samples().stream())
                .filter(sample -> sample.metric().equals(metric))
                .mapToDouble(GpuSample::value)
                .average()
                .orElseThrow();
    }

    @Test
    void readings_areWithinThoseOfARealFleet() {
        GpuFleetGenerator fleet = GpuFleetGenerator.builder()
                .gpus(800)
                .metrics(Metrics.FEW)
                .interval(Duration.ofHours(1))
                .build();
        Map<String, DoubleSummaryStatistics> seen = fleet.stream()
                .limit(100 * 24)
                .flatMap(record -> record.samples().stream())
                .collect(Collectors.groupingBy(
                        sample -> sample.metric().name().replace("DCGM_FI_DEV_", ""),
                        Collectors.summarizingDouble(GpuSample::value)));

        assertThat(seen).hasSize(10);
        assertWithin(seen, "GPU_UTIL", 0, 100);
        assertWithin(seen, "MEM_COPY_UTIL", 0, 80);
        assertWithin(seen, "POWER_USAGE", 66.781, 689.457);
        assertWithin(seen, "GPU_TEMP", 26, 80);
        assertWithin(seen, "FB_USED", 4, 77_413);
        assertWithin(seen, "FB_FREE", 3_594, 81_003);
        assertWithin(seen, "ENC_UTIL", 0, 0);
        assertWithin(seen, "DEC_UTIL", 0, 0);
        assertWithin(seen, "SM_CLOCK", 345, 1_980);
        assertWithin(seen, "MEM_CLOCK", 2_619, 2_619);
    }

    /** The readings are in a range, and fill more than the half of it. */
    private static void assertWithin(
            Map<String, DoubleSummaryStatistics> seen, String metric, double least, double most) {
        DoubleSummaryStatistics values = requireNonNull(seen.get(metric), metric);

        assertThat(values.getMin()).as(metric).isBetween(least, least + (most - least) / 4);
        assertThat(values.getMax()).as(metric).isBetween(most - (most - least) / 4, most);
    }

    @Test
    void linksAndExportersMetrics_areSeriesOfTheirOwn() {
        GpuFleetGenerator fleet =
                GpuFleetGenerator.builder().gpus(1).links(18).exporterMetrics().build();

        List<GpuSample> samples = only(fleet.records(0, 0)).samples();

        assertThat(samples).hasSize(25 + 2 * 18 + 7);
        assertThat(samples.stream().map(GpuSample::key)).doesNotHaveDuplicates();
        assertThat(samples.stream().filter(sample -> sample.scope() == Scope.LINK))
                .hasSize(36);
        assertThat(samples.stream().filter(sample -> sample.scope() == Scope.SERIES))
                .hasSize(7);
    }

    @Test
    void shares_areThoseOfTheGpus() {
        GpuFleetGenerator fleet = GpuFleetGenerator.builder()
                .gpus(8_000)
                .metrics(Metrics.FEW)
                .migShare(0.5)
                .migInstances(3, 3)
                .podShare(0.8)
                .sharedShare(0.5)
                .jobShare(0.25)
                .build();
        List<GpuSample> samples = samples(fleet, 0);

        assertThat(gpus(samples, sample -> sample.subject().isMigInstance())).isBetween(3_800, 4_200);
        assertThat(gpus(samples, sample -> !sample.subject().pod().isEmpty())).isBetween(6_200, 6_600);
        assertThat(gpus(samples, sample -> sample.scope() == Scope.WORKLOAD)).isBetween(1_450, 1_750);
        assertThat(gpus(samples, sample -> sample.subject().labels().containsKey("hpc_job")))
                .isBetween(1_600, 2_400);
        assertThat(samples.stream().map(sample -> sample.subject().instance()).distinct())
                .containsExactlyInAnyOrder("", "gi:2", "gi:3", "gi:4");
    }

    private static int gpus(List<GpuSample> samples, Predicate<GpuSample> which) {
        return (int) samples.stream()
                .filter(which)
                .map(sample -> sample.subject().uuid())
                .distinct()
                .count();
    }

    @Test
    void rates_areTheSharesOfTheRows() {
        GpuFleetGenerator fleet = GpuFleetGenerator.builder()
                .gpus(8_000)
                .noValueRate(0.1)
                .damageRate(0.05)
                .build();
        int rows = 8_000 * 25;

        int noValues = 0;
        int refusals = 0;
        int samples = 0;
        for (int host = 0; host < fleet.hosts(); host++) {
            GpuFleetRecord record = only(fleet.records(host, 0));
            noValues += record.noValues();
            refusals += record.refusals().size();
            samples += record.samples().size();
        }

        assertThat(noValues + refusals + samples).isEqualTo(rows);
        assertThat(noValues / (double) rows).isBetween(0.095, 0.105);
        assertThat(refusals / (double) rows).isBetween(0.047, 0.053);
    }

    @Test
    void xids_stayUntilMidnight() {
        GpuFleetGenerator fleet = GpuFleetGenerator.builder()
                .gpus(800)
                .start(MIDNIGHT)
                .interval(Duration.ofHours(1))
                .xidRate(0.01)
                .build();

        long atNight = xids(fleet, 0);
        long evening = xids(fleet, 23);

        assertThat(atNight).isLessThan(20);
        assertThat(evening).isBetween(120L, 220L);
        assertThat(xids(fleet, 24)).isLessThan(20);
    }

    private static long xids(GpuFleetGenerator fleet, long scrape) {
        return samples(fleet, scrape).stream()
                .filter(sample -> sample.metric().equals(GpuMetric.XID_ERRORS) && sample.value() > 0)
                .count();
    }

    @Test
    void messagePerGpu_hasItsUuidAsTheKey() {
        GpuFleetGenerator.Builder options = GpuFleetGenerator.builder().seed(5);
        List<GpuFleetRecord> split = options.messagePerGpu().build().records(0, 7);

        assertThat(split).hasSize(8);
        for (GpuFleetRecord record : split) {
            assertThat(record.samples().stream()
                            .map(sample -> sample.subject().uuid())
                            .distinct())
                    .containsExactly(new String(record.key(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void header_isTheTimeOfTheScrape() {
        GpuFleetRecord record =
                only(GpuFleetGenerator.builder().start(MIDNIGHT).build().records(0, 2));

        assertThat(new String(record.key(), StandardCharsets.US_ASCII)).isEqualTo("node-00000");
        assertThat(record.timestamp()).isEqualTo(MIDNIGHT.plusSeconds(60));
        assertThat(record.headers()).singleElement().satisfies(header -> {
            assertThat(header.key()).isEqualTo("telemetry-scrape-time");
            assertThat(header.value())
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo(Long.toString(MIDNIGHT.plusSeconds(60).toEpochMilli()));
        });
    }

    @Test
    void stream_hasAllHostsInTurn() {
        GpuFleetGenerator fleet = GpuFleetGenerator.builder().gpus(24).build();

        List<GpuFleetRecord> records = fleet.stream().limit(7).toList();

        assertThat(records.stream().map(GpuFleetRecord::host))
                .containsExactly(
                        "node-00000",
                        "node-00001",
                        "node-00002",
                        "node-00000",
                        "node-00001",
                        "node-00002",
                        "node-00000");
        assertThat(records.stream().map(GpuFleetRecord::timestamp)).isSorted().doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("misuses")
    void misuse_isRefusedWithTheValue(Consumer<GpuFleetGenerator.Builder> misuse, String message) {
        assertThatThrownBy(() -> {
                    GpuFleetGenerator.Builder builder = GpuFleetGenerator.builder();
                    misuse.accept(builder);
                    builder.build();
                })
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    static Stream<Object[]> misuses() {
        return Stream.of(
                misuse(fleet -> fleet.gpus(0), "gpus: 0 is not between 1 and 100000"),
                misuse(fleet -> fleet.gpus(100_001), "gpus: 100001 is not between 1 and 100000"),
                misuse(
                        fleet -> fleet.start(Instant.EPOCH),
                        "start: 1970-01-01T00:00:00Z is not in the years 2000 to 2099"),
                misuse(fleet -> fleet.interval(Duration.ZERO), "interval: PT0S is not between PT0.001S and PT8760H"),
                misuse(fleet -> fleet.migShare(1.5), "migShare: 1.5 is not between 0 and 1"),
                misuse(fleet -> fleet.migInstances(1, 7), "migInstances: 1 to 7 is no range within 2 to 7"),
                misuse(fleet -> fleet.links(19), "links: 19 is not between 0 and 18"),
                misuse(fleet -> fleet.models(List.of()), "models: there is none"),
                misuse(
                        fleet -> fleet.models(List.of("T4")),
                        "models: \"T4\" is not one of [NVIDIA H100 80GB HBM3, NVIDIA H200, NVIDIA A100-SXM4-80GB, "
                                + "NVIDIA L40S, NVIDIA B200]"),
                misuse(
                        fleet -> fleet.damageRate(0.6).noValueRate(0.5),
                        "damageRate 0.6 and noValueRate 0.5 are more than 1 together"),
                misuse(
                        fleet -> fleet.names(Names.FIRST_EXPORTERS).migShare(0.1),
                        "the first exporters do not know migShare 0.1, sharedShare 0.0, links 0 and exporterMetrics false"));
    }

    private static Object[] misuse(Consumer<GpuFleetGenerator.Builder> misuse, String message) {
        return new Object[] {misuse, message};
    }

    @Test
    void hostOrScrapeOutside_isRefusedWithTheValue() {
        GpuFleetGenerator fleet = GpuFleetGenerator.builder().build();

        assertThatThrownBy(() -> fleet.records(1, 0)).hasMessage("host: 1 is not between 0 and 0");
        assertThatThrownBy(() -> fleet.records(0, -1)).hasMessage("scrape: -1 is negative");
    }

    private static GpuFleetGenerator.Builder mixed() {
        return GpuFleetGenerator.builder()
                .gpus(100)
                .migShare(0.3)
                .podShare(0.5)
                .sharedShare(0.5)
                .jobShare(0.5)
                .noValueRate(0.05)
                .damageRate(0.05)
                .xidRate(0.1)
                .links(2)
                .exporterMetrics();
    }

    private static String text(GpuFleetGenerator fleet, int host, long scrape) {
        return new String(only(fleet.records(host, scrape)).value(), StandardCharsets.UTF_8);
    }

    private static List<GpuSample> samples(GpuFleetGenerator fleet, long scrape) {
        return IntStream.range(0, fleet.hosts())
                .boxed()
                .flatMap(host -> fleet.records(host, scrape).stream())
                .flatMap(record -> record.samples().stream())
                .toList();
    }

    private static Set<String> uuids(GpuFleetGenerator fleet, int host) {
        return only(fleet.records(host, 0)).samples().stream()
                .map(sample -> sample.subject().uuid())
                .collect(Collectors.toSet());
    }

    private static GpuFleetRecord only(List<GpuFleetRecord> records) {
        assertThat(records).hasSize(1);
        return records.get(0);
    }
}

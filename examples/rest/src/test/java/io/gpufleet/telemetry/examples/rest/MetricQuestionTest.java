package io.gpufleet.telemetry.examples.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Aggregations, statistics, Xids and the fleet over HTTP. */
@TelemetryStackTest
final class MetricQuestionTest {
    private static final String A = "GPU-0a11ce00-0000-4000-8000-00000000000a";
    private static final String NOW = "GPU-0a11ce00-0000-4000-8000-00000000000b";
    private static final String DAY = "GPU-0a11ce00-0000-4000-8000-00000000000c";
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final String ENERGY = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION";

    private static Calls calls;

    @BeforeAll
    static void store(TelemetryStack stack) {
        RunningApi api = RunningApi.shared(stack);
        calls = api.calls();
        List<GpuSample> samples = new ArrayList<>();
        samples.add(sample(A, TEMP, 60, "2026-03-01T12:04:30Z"));
        samples.add(sample(A, TEMP, 62, "2026-03-01T12:05:00Z"));
        samples.add(sample(A, TEMP, 64, "2026-03-01T12:09:59.999999Z"));
        samples.add(sample(A, TEMP, 70, "2026-03-01T12:10:00Z"));
        samples.add(sample(A, TEMP, 50, "2026-03-01T12:21:00Z"));
        double[] energy = {1000, 4000, 4500, 200, 700};
        for (int minute = 0; minute < energy.length; minute++) {
            samples.add(sample(A, ENERGY, energy[minute], "2026-03-01T12:0" + minute + ":00Z"));
        }
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        samples.add(sample(NOW, TEMP, 40, now.minusSeconds(20).toString()));
        samples.add(sample(NOW, TEMP, 50, now.minusSeconds(10).toString()));
        samples.add(
                sample(NOW, "DCGM_FI_DEV_XID_ERRORS", 0, now.minusSeconds(20).toString()));
        samples.add(
                sample(NOW, "DCGM_FI_DEV_XID_ERRORS", 79, now.minusSeconds(10).toString()));
        for (int step = 0; step < 288; step++) {
            Instant time = Instant.parse("2026-03-01T00:00:00Z").plus(Duration.ofSeconds(step * 300L));
            samples.add(sample(DAY, TEMP, step, time.toString()));
        }
        api.fleet().store(samples);
    }

    private static GpuSample sample(String uuid, String metric, double value, String time) {
        GpuSubject.Builder gpu = GpuSubject.builder(uuid).device("nvidia0").host("a-host");
        return StoredFleet.sample(gpu, metric, value, time);
    }

    private static String metrics(String gpu, String query) {
        return "/api/v1/gpus/" + gpu + "/metrics?" + query;
    }

    private static String range(String from, String to) {
        return "&start_time=2026-03-01T" + from + "Z&end_time=2026-03-01T" + to + "Z";
    }

    private static List<String> rows(JsonNode rows) {
        return rows.valueStream()
                .map(row -> row.path("start").asString("") + " "
                        + row.path("metric_value").toString() + " "
                        + row.path("samples").asLong())
                .toList();
    }

    @Test
    void value_hasTheNamesOfTheSpecification() {
        assertThat(calls.get(metrics(A, "Metric_name=" + TEMP + "&aggregation=max" + range("12:00:00", "12:30:00")))
                        .good()
                        .toString())
                .isEqualTo("[{\"uuid\":\"" + A + "\",\"device\":\"nvidia0\",\"hostname\":\"a-host\",\"metric_name\":\""
                        + TEMP + "\",\"aggregation\":\"max\",\"metric_value\":70.0,\"samples\":5}]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            avg&bucket=300    | 12:04:00 | 12:12:00 | 12:00 60.0 1, 12:05 63.0 2, 12:10 70.0 1
            avg&bucket=300    | 12:04:31 | 12:30:00 | 12:05 63.0 2, 12:10 70.0 1, 12:20 50.0 1
            avg&bucket=420    | 12:04:00 | 12:12:00 | 12:00 61.0 2, 12:07 67.0 2
            avg&bucket=300    | 14:00:00 | 15:00:00 |
            avg&bucket=300&limit=1&offset=1 | 12:04:00 | 12:12:00 | 12:05 63.0 2
            """)
    void buckets_beginOnTheGrid(String aggregation, String from, String to, String expected) {
        JsonNode rows = calls.get(metrics(A, "metric=" + TEMP + "&aggregation=" + aggregation + range(from, to)))
                .good();
        assertThat(String.join(", ", rows(rows)).replace("2026-03-01T", "").replace(":00Z", ""))
                .isEqualTo(expected == null ? "" : expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            increase            | 12:00:00 | 12:04:00 | 4200.0 5
            rate                | 12:00:00 | 12:04:00 | 17.5 5
            increase            | 12:01:00 | 12:04:00 | 1200.0 4
            rate                | 12:01:00 | 12:04:00 | 6.666666666666667 4
            increase            | 12:00:00 | 12:00:00 | 0.0 1
            rate                | 12:00:00 | 12:00:00 | null 1
            rate&bucket=120     | 12:00:00 | 12:04:00 | 50.0 2, 5.833333333333333 2, 8.333333333333334 1
            """)
    void counters_haveIncreaseAndRate(String aggregation, String from, String to, String expected) {
        JsonNode rows = calls.get(metrics(A, "metric=" + ENERGY + "&aggregation=" + aggregation + range(from, to)))
                .good();
        assertThat(rows(rows).stream().map(row -> row.replaceFirst("^\\S* ", "")))
                .containsExactly(expected.split(", "));
    }

    @Test
    void dayInBuckets_comesWhole() {
        String query = "metric=" + TEMP + "&aggregation=avg&bucket=300" + range("00:00:00", "23:59:59");
        assertThat(calls.get(metrics(DAY, query)).good().size()).isEqualTo(288);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            metric=DCGM_FI_DEV_GPU_TEMP&aggregation=AVG | aggregation | aggregation "AVG" is not known; allowed: min, max, avg, sum, count, last, increase, rate
            metric=DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION&aggregation=sum | aggregation | aggregation sum is not allowed for the counter DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION; allowed: min, max, count, increase, rate
            metric=DCGM_FI_PROF_PCIE_TX_BYTES&aggregation=increase | aggregation | DCGM_FI_PROF_PCIE_TX_BYTES is a rate, not a counter; use avg
            metric=DCGM_FI_DEV_GPU_TEMP | aggregation | aggregation is missing
            aggregation=avg | metric | metric is missing
            metric=DCGM_FI_DEV_GPU_TEMP&aggregation=avg&aggregation=avg | aggregation | aggregation stands twice
            metric=DCGM_FI_DEV_GPU_TEMP&metric_name=DCGM_FI_DEV_FB_USED&aggregation=avg | metric_name | metric_name must be one metric, was DCGM_FI_DEV_GPU_TEMP, DCGM_FI_DEV_FB_USED
            metric=DCGM_FI_DEV_GPU_TEMP&metric=DCGM_FI_DEV_GPU_TEMP&aggregation=avg | metric | metric stands twice
            metric=DCGM_FI_DEV_GPU_TEMP&aggregation=avg&bucket=0 | bucket | bucket must be a whole number of seconds from 1 on, was 0
            metric=DCGM_FI_DEV_GPU_TEMP&aggregation=avg&bucket=5m | bucket | bucket must be a whole number of seconds from 1 on, was 5m
            """)
    void badParameters_areRefused(String query, String parameter, String detail) {
        calls.get(metrics(A, query)).refused(400, parameter, detail);
    }

    @Test
    void smallestBucket_works() {
        String question = "metric=" + TEMP + "&aggregation=avg&start_time=2026-03-01T00:00:00Z"
                + "&end_time=2026-03-31T00:00:00Z&bucket=";
        assertThat(calls.get(metrics(A, question + 60))
                        .problem(400)
                        .path("parameter")
                        .asString())
                .isEqualTo("bucket");
        assertThat(calls.get(metrics(A, question + 235)).status()).isEqualTo(400);
        calls.get(metrics(A, question + 236)).good();
    }

    @Test
    void oneMetric_underTwoNames_isFine() {
        String query = "metric=" + TEMP + "&metric_name=" + TEMP + "&aggregation=count" + range("12:00:00", "12:30:00");
        assertThat(rows(calls.get(metrics(A, query)).good())).containsExactly(" 5.0 5");
    }

    @Test
    void statistics_areOfTheLastHours() {
        JsonNode statistics =
                calls.get("/api/v1/gpus/" + NOW + "/stats?hours=1").good();
        assertThat(statistics.path("uuid").asString()).isEqualTo(NOW);
        assertThat(statistics.path("metrics").toString())
                .isEqualTo("[{\"metric_name\":\"" + TEMP
                        + "\",\"samples\":2,\"min\":40.0,\"max\":50.0,\"avg\":45.0,\"last\":50.0}]");
        for (String hours : List.of("0", "169", "1.5", "-1", "1000")) {
            calls.get("/api/v1/gpus/" + NOW + "/stats?hours=" + hours)
                    .refused(400, "hours", "hours must be 1..168, was " + hours);
        }
    }

    @Test
    void xids_comeOnceEach() {
        JsonNode page = calls.get("/api/v1/gpus/" + NOW + "/xid").good();
        assertThat(page.path("count").asInt()).isEqualTo(1);
        assertThat(page.path("results").path(0).path("xid").asInt()).isEqualTo(79);
        assertThat(calls.get("/api/v1/gpus/" + A + "/xid"
                                + "?start_time=2026-03-01T00:00:00Z&end_time=2026-03-02T00:00:00Z")
                        .good()
                        .path("count")
                        .asInt())
                .isZero();
    }

    @Test
    void fleet_isSummedUp() {
        JsonNode fleet = calls.get("/api/v1/fleet/summary?interval=900").good();
        assertThat(fleet.path("gpus").asLong()).isGreaterThanOrEqualTo(3);
        assertThat(fleet.path("reporting").asLong()).isPositive();
        assertThat(fleet.path("readings").path("gpu_temp").path("gpus").asLong())
                .isPositive();
        assertThat(fleet.path("quiet").size()).isPositive();
        calls.get("/api/v1/fleet/summary?interval=0").refused(400, "interval", "interval must be 1..900, was 0");
    }

    @Test
    void hostsAndNamespaces_arePaged() {
        JsonNode hosts = calls.get("/api/v1/hosts?limit=1000").good();
        assertThat(hosts.propertyNames()).containsExactly("count", "hosts");
        assertThat(hosts.path("hosts").valueStream())
                .anyMatch(host -> host.toString().equals("{\"hostname\":\"a-host\",\"gpu_count\":3}"));
        assertThat(calls.get("/api/v1/hosts?limit=1").good().path("hosts").size())
                .isEqualTo(1);
        assertThat(calls.get("/api/v1/hosts?offset=9223372036854775807")
                        .good()
                        .path("count")
                        .asInt())
                .isZero();
        assertThat(calls.get("/api/v1/namespaces").good().propertyNames()).containsExactly("count", "namespaces");
    }
}

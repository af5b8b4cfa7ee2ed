package io.gpufleet.telemetry.examples.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The samples of a GPU over HTTP: pages, cursors, times, and the refusals of their parameters. */
@TelemetryStackTest
final class SampleQuestionTest {
    private static final String P = "GPU-0a11ce00-0000-4000-8000-000000000001";
    private static final String Q = "GPU-0a11ce00-0000-4000-8000-000000000002";
    private static final String MICROS = "GPU-0a11ce00-0000-4000-8000-000000000003";
    private static final String TEXTS = "GPU-0a11ce00-0000-4000-8000-000000000004";
    private static final String DEV = "DCGM_FI_DEV_";
    private static final List<String> METRICS = List.of("SM_CLOCK", "MEM_CLOCK", "GPU_TEMP", "POWER_USAGE", "FB_USED");
    private static final String RANGE = "start_time=2026-03-01T12:00:00Z&end_time=2026-03-01T13:00:00Z";

    /** Java 17 itself writes this one with 17 digits. */
    private static final double TWO_E23 = Double.parseDouble("2e23");

    private static Calls calls;

    @BeforeAll
    static void store(TelemetryStack stack) {
        RunningApi api = RunningApi.shared(stack);
        calls = api.calls();
        List<GpuSample> samples = new ArrayList<>();
        for (String second : List.of("00", "30")) {
            for (String metric : METRICS) {
                samples.add(sample(gpu(P, "p-host"), DEV + metric, 1980, "2026-03-01T12:00:" + second + "Z"));
            }
        }
        samples.add(sample(gpu(Q, "q-host"), DEV + "GPU_TEMP", 40, "2026-03-01T12:00:00Z"));
        for (int micros = 0; micros < 4; micros++) {
            String fraction = List.of("123456", "123457", "123999", "124000").get(micros);
            samples.add(sample(
                    gpu(MICROS, "m-host"), DEV + "GPU_TEMP", 50 + micros, "2026-03-01T12:00:00." + fraction + "Z"));
        }
        GpuSubject.Builder odd = gpu(TEXTS, "t-host")
                .pod("p\"\\\u2028\u0001")
                .pciBusId("00000000:1B:00.0")
                .label("line", "a\nb\t\u2028\ud83d\ude00")
                .label("quote", "\"\\");
        samples.add(sample(odd, "DCGM_FI_PROF_SM_ACTIVE", 0.1 + 0.2, "2026-03-01T12:00:00Z"));
        samples.add(sample(odd, DEV + "TOTAL_ENERGY_CONSUMPTION", 55_491_669_881.0, "2026-03-01T12:00:00Z"));
        samples.add(sample(odd, DEV + "TOTAL_ENERGY_CONSUMPTION", 9_007_199_254_740_992.0, "2026-03-01T12:01:00Z"));
        samples.add(sample(odd, "DCGM_FI_PROF_DRAM_ACTIVE", 2e-3, "2026-03-01T12:01:00Z"));
        samples.add(sample(odd, "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", TWO_E23, "2026-03-01T12:01:00Z"));
        api.fleet().store(samples);
    }

    private static GpuSubject.Builder gpu(String uuid, String host) {
        return GpuSubject.builder(uuid).device("nvidia0").host(host).model("NVIDIA H100");
    }

    private static GpuSample sample(GpuSubject.Builder gpu, String metric, double value, String time) {
        return StoredFleet.sample(gpu, metric, value, time);
    }

    private static String telemetry(String gpu, String query) {
        return "/api/v1/gpus/" + gpu + "/telemetry?" + query;
    }

    private static List<String> column(JsonNode page, String name) {
        return page.path("results")
                .valueStream()
                .map(row -> row.path(name).asString())
                .toList();
    }

    @Test
    void sample_hasTheNamesOfAScrape() {
        JsonNode page = calls.get(telemetry(P, RANGE + "&metric=DCGM_FI_DEV_GPU_TEMP&limit=1&order=oldest"))
                .good();

        assertThat(page.propertyNames()).containsExactly("limit", "offset", "count", "next", "results");
        assertThat(page.path("results").path(0).toString())
                .isEqualTo("{\"timestamp\":\"2026-03-01T12:00:00Z\",\"metric_name\":\"DCGM_FI_DEV_GPU_TEMP\","
                        + "\"gpu_id\":null,\"device\":\"nvidia0\",\"uuid\":\"" + P + "\","
                        + "\"modelName\":\"NVIDIA H100\",\"Hostname\":\"p-host\",\"container\":\"\",\"pod\":\"\","
                        + "\"namespace\":\"\",\"value\":1980.0,\"labels_raw\":{}}");
    }

    @Test
    void cursor_walksOverEqualTimes() {
        assertThat(walk("oldest", 3)).isEqualTo(List.of(3, 3, 3, 1));
        assertThat(walk("oldest", 5)).isEqualTo(List.of(5, 5));
        assertThat(walk("newest", 10)).isEqualTo(List.of(10));
    }

    private static List<Integer> walk(String order, int limit) {
        List<Integer> counts = new ArrayList<>();
        List<String> metrics = new ArrayList<>();
        JsonNode next;
        String cursor = "";
        do {
            JsonNode page = calls.get(telemetry(P, RANGE + "&order=" + order + "&limit=" + limit + cursor))
                    .good();
            counts.add(page.path("count").asInt());
            metrics.addAll(column(page, "metric_name"));
            next = page.path("next");
            cursor = "&cursor=" + next.asString("");
        } while (!next.isNull());
        List<String> once = METRICS.stream().map(DEV::concat).toList();
        List<String> expected = new ArrayList<>(once);
        expected.addAll(once);
        if (order.equals("newest")) {
            Collections.reverse(expected);
        }
        assertThat(metrics).isEqualTo(expected);
        return counts;
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void cursor_hasNoOffsetBesideIt(String offset) {
        String cursor =
                calls.get(telemetry(P, RANGE + "&limit=3")).good().path("next").asString();
        calls.get(telemetry(P, RANGE + "&limit=3&cursor=" + cursor + "&offset=" + offset))
                .refused(400, "cursor", "give cursor or offset, not both");
    }

    @Test
    void cursor_belongsToItsQuestion() {
        String question = "metric=DCGM_FI_DEV_GPU_TEMP&order=newest&limit=1&" + RANGE;
        String cursor = calls.get(telemetry(P, question)).good().path("next").asString();
        String end = "&cursor=" + cursor;
        String refusal = "cursor does not belong to this question";

        for (String other : List.of(
                "metric=DCGM_FI_DEV_POWER_USAGE&order=newest&" + RANGE,
                "order=newest&" + RANGE,
                "metric=DCGM_FI_DEV_GPU_TEMP&order=oldest&" + RANGE,
                "metric=DCGM_FI_DEV_GPU_TEMP&scope=0&" + RANGE)) {
            calls.get(telemetry(P, other + end)).refused(400, "cursor", refusal);
        }
        calls.get(telemetry(Q, question + end)).refused(400, "cursor", refusal);
        calls.get(telemetry(P, question + "&cursor=abc")).refused(400, "cursor", refusal);
        calls.get(telemetry(P, question + "&cursor=" + "x".repeat(10_000))).refused(400, "cursor", refusal);
        calls.get(telemetry(P, question + end + "&offset=10"))
                .refused(400, "cursor", "give cursor or offset, not both");
        calls.get(telemetry("nvidia0:p-host", question.replace("limit=1", "limit=500") + end))
                .good();
        calls.get(telemetry(
                        P,
                        "metric=DCGM_FI_DEV_GPU_TEMP&start_time=2026-03-01T13:00:00%2B01:00"
                                + "&end_time=2026-03-01T13:00:00Z" + end))
                .good();
    }

    @Test
    void total_comesWhenItIsAskedFor() {
        JsonNode page = calls.get(telemetry(P, RANGE + "&limit=3&total=true")).good();
        assertThat(page.path("total").asLong()).isEqualTo(10);
        assertThat(page.path("count").asInt()).isEqualTo(3);
        assertThat(calls.get(telemetry(P, RANGE + "&total=false")).good().has("total"))
                .isFalse();
        calls.get(telemetry(P, "total=yes")).refused(400, "total", "total must be true or false, was yes");
    }

    @Test
    void times_keepMicroseconds() {
        JsonNode page = calls.get(telemetry(MICROS, RANGE + "&order=oldest")).good();
        assertThat(column(page, "timestamp"))
                .containsExactly(
                        "2026-03-01T12:00:00.123456Z",
                        "2026-03-01T12:00:00.123457Z",
                        "2026-03-01T12:00:00.123999Z",
                        "2026-03-01T12:00:00.124Z");
        assertThat(calls.get(telemetry(
                                MICROS, "start_time=2026-03-01T12:00:00.1234560001Z&end_time=2026-03-01T13:00:00Z"))
                        .good()
                        .path("count")
                        .asInt())
                .isEqualTo(3);
        assertThat(calls.get(telemetry(
                                MICROS, "start_time=2026-03-01T12:00:00Z&end_time=2026-03-01T12:00:00.1234569999Z"))
                        .good()
                        .path("count")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void numbersAndTexts_readBackAsTheyWere() {
        JsonNode page = calls.get(telemetry(TEXTS, RANGE + "&order=oldest")).good();
        assertThat(page.path("results")
                        .valueStream()
                        .map(row -> row.path("value").asDouble()))
                .containsExactly(55_491_669_881.0, 0.30000000000000004, 9_007_199_254_740_992.0, TWO_E23, 2e-3);
        assertThat(calls.get(telemetry(TEXTS, RANGE)).text())
                .contains("\"value\":0.30000000000000004,", "\"value\":2.0E23,", "\"value\":0.002,");
        JsonNode row = page.path("results").path(0);
        assertThat(row.path("pod").asString()).isEqualTo("p\"\\\u2028\u0001");
        assertThat(row.path("labels_raw").path("line").asString()).isEqualTo("a\nb\t\u2028\ud83d\ude00");
        assertThat(row.path("labels_raw").path("quote").asString()).isEqualTo("\"\\");
        assertThat(row.path("labels_raw").path("pci_bus_id").asString()).isEqualTo("00000000:1B:00.0");
    }

    @Test
    void metrics_areNamedByOldNamesToo() {
        String first = "metric=DCGM_FI_DEV_GPU_TEMP&" + RANGE;
        assertThat(calls.get(telemetry(P, first + "&metric_name=DCGM_FI_DEV_FB_USED&Metric_name=DCGM_FI_DEV_FB_USED"))
                        .good()
                        .path("count")
                        .asInt())
                .isEqualTo(4);
        assertThat(calls.get(telemetry(P, first + "&metric=DCGM_FI_DEV_GPU_TEMP"))
                        .good()
                        .path("count")
                        .asInt())
                .isEqualTo(2);
        calls.get(telemetry(P, first + "&metric=DCGM_FI_DEV_GPU_TMP"))
                .refused(
                        400,
                        "metric",
                        "metric \"DCGM_FI_DEV_GPU_TMP\" is not known; did you mean DCGM_FI_DEV_GPU_TEMP?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-03-01T12:00:00Z",
                "2026-03-01t12:00:00z",
                "2026-03-01T13:00:00%2B01:00",
                "2026-03-01T06:30:00-05:30",
                "2026-03-01T13:00:00+01:00",
                "2026-03-01%2012:00:00Z",
                "0001-01-01T00:00:00Z"
            })
    void times_areReadAsRfc3339(String time) {
        assertThat(calls.get(telemetry(P, "start_time=" + time + "&end_time=2026-03-01T13:00:00Z"))
                        .good()
                        .path("count")
                        .asInt())
                .isEqualTo(10);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            start_time=2026-03-01T12:00:60Z      | start_time | 2026-03-01T12:00:60Z
            start_time=2026-03-01T24:00:00Z      | start_time | 2026-03-01T24:00:00Z
            start_time=2026-03-01T12:00:00       | start_time | 2026-03-01T12:00:00
            start_time=1772366400                | start_time | 1772366400
            end_time=infinity                    | end_time   | infinity
            end_time=%2B1000000000-12-31T23:59:59Z | end_time | +1000000000-12-31T23:59:59Z
            end_time=2026-03-01T12:00:00%2B24:00 | end_time   | 2026-03-01T12:00:00+24:00
            """)
    void otherTimes_areRefused(String query, String parameter, String text) {
        calls.get(telemetry(P, query))
                .refused(
                        400,
                        parameter,
                        parameter + " \"" + text + "\" is not an RFC 3339 time, for example 2026-03-01T12:00:00Z");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            order=desc   | order  | order "desc" is not known; allowed: newest, oldest
            scope=5      | scope  | scope must be 0..4, was 5
            scope=whole  | scope  | scope must be 0..4, was whole
            metric=      | metric | metric must not be empty
            limit=1001   | limit  | limit must be 1..1000, was 1001
            offset=x     | offset | offset must be >= 0, was x
            start_time=2026-03-01T12:00:01Z&end_time=2026-03-01T12:00:00Z | end_time | end_time 2026-03-01T12:00:00Z is before start_time 2026-03-01T12:00:01Z
            metrics=a    | metrics | parameter "metrics" is not known; did you mean metric?
            """)
    void badParameters_areRefused(String query, String parameter, String detail) {
        calls.get(telemetry(P, query)).refused(400, parameter, detail);
    }

    @Test
    void offset_neverOverflows() {
        JsonNode page = calls.get(telemetry(P, RANGE + "&offset=9223372036854775807&limit=1000"))
                .good();
        assertThat(page.path("count").asInt()).isZero();
        assertThat(page.path("next").isNull()).isTrue();
    }
}

package io.gpufleet.telemetry.examples.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The list of GPUs over HTTP, and the refusals of its parameters. */
@TelemetryStackTest
final class GpuListTest {
    private static Calls calls;

    @BeforeAll
    static void store(TelemetryStack stack) {
        RunningApi api = RunningApi.shared(stack);
        calls = api.calls();
        for (int number = 0; number < 3; number++) {
            GpuSubject.Builder gpu = GpuSubject.builder("GPU-list-" + number)
                    .index(number)
                    .device("nvidia" + number)
                    .host("list-host")
                    .model("NVIDIA H100")
                    .namespace("list-" + number);
            api.fleet().store(List.of(StoredFleet.sample(gpu, "DCGM_FI_DEV_GPU_TEMP", 60, "2026-03-01T12:00:00.5Z")));
        }
    }

    @Test
    void gpus_comeAsAPage() {
        JsonNode page =
                calls.get("/api/v1/gpus?host=list-host&limit=2&offset=1").good();

        assertThat(page.propertyNames()).containsExactlyInAnyOrder("total", "limit", "offset", "count", "results");
        assertThat(page.path("total").asLong()).isEqualTo(3);
        assertThat(page.path("limit").asInt()).isEqualTo(2);
        assertThat(page.path("offset").asInt()).isEqualTo(1);
        assertThat(page.path("count").asInt()).isEqualTo(2);
        assertThat(page.path("results").path(0).toString())
                .isEqualTo("{\"gpu_id\":1,\"uuid\":\"GPU-list-1\",\"device\":\"nvidia1\",\"hostname\":\"list-host\","
                        + "\"model_name\":\"NVIDIA H100\",\"first_seen\":\"2026-03-01T12:00:00.500Z\","
                        + "\"last_seen\":\"2026-03-01T12:00:00.500Z\"}");
    }

    @Test
    void gpus_areFiltered() {
        assertThat(calls.get("/api/v1/gpus?namespace=list-2&model=NVIDIA+H100")
                        .good()
                        .path("total")
                        .asInt())
                .isEqualTo(1);
        JsonNode beyond = calls.get("/api/v1/gpus?host=list-host&offset=5000").good();
        assertThat(beyond.path("total").asInt()).isEqualTo(3);
        assertThat(beyond.path("results").size()).isZero();
    }

    @Test
    void limit_isTenByDefault() {
        assertThat(calls.get("/api/v1/gpus").good().path("limit").asInt()).isEqualTo(10);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            limit=0                    | limit  | limit must be 1..1000, was 0
            limit=-5                   | limit  | limit must be 1..1000, was -5
            limit=99999999999999999999 | limit  | limit must be 1..1000, was 99999999999999999999
            limit=1e3                  | limit  | limit must be 1..1000, was 1e3
            limit=%2B5                 | limit  | limit must be 1..1000, was +5
            limit=%D9%A1%D9%A0         | limit  | limit must be 1..1000, was ١٠
            offset=-1                  | offset | offset must be >= 0, was -1
            offset=9223372036854775808 | offset | offset must be >= 0, was 9223372036854775808
            limit=10&limit=20          | limit  | limit stands twice
            limit=10&limit=10          | limit  | limit stands twice
            limit=                     | limit  | limit must not be empty
            host                       | host   | host must not be empty
            host=a%00                  | host   | host must not contain the character U+0000
            hots=node-1                | hots   | parameter "hots" is not known; did you mean host?
            Host=node-1                | Host   | parameter "Host" is not known; did you mean host?
            api_key=x                  | api_key | parameter "api_key" is not known; did you mean limit?
            """)
    void badParameters_areRefused(String query, String parameter, String detail) {
        calls.get("/api/v1/gpus?" + query).refused(400, parameter, detail);
    }
}

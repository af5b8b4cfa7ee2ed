package io.gpufleet.telemetry.examples.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ids of GPUs in paths: UUIDs with slashes, devices of hosts, and texts that climb out of their place. */
@TelemetryStackTest
final class GpuIdTest {
    private static final String OLD = "MIG-GPU-5d0e6b7a-1c43-4a8e-b7f9-62c1f0d3aa18";
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";

    private static Calls calls;

    @BeforeAll
    static void store(TelemetryStack stack) {
        RunningApi api = RunningApi.shared(stack);
        calls = api.calls();
        api.fleet()
                .store(OLD + "/3/0", TEMP, 50, "2026-01-01T12:00:00Z")
                .store(StoredFleet.V, TEMP, 50, "2026-02-01T12:00:00Z")
                .store(StoredFleet.U, TEMP, 50, "2026-03-01T12:00:00Z")
                .store(List.of(
                        StoredFleet.sample(at("place-host", "GPU-before"), TEMP, 1, "2026-02-01T12:00:00Z"),
                        StoredFleet.sample(at("place-host", "GPU-after"), TEMP, 1, "2026-03-01T12:00:00Z"),
                        StoredFleet.sample(at("twin-host", "GPU-twin-a"), TEMP, 1, "2026-03-01T12:00:00Z"),
                        StoredFleet.sample(at("twin-host", "GPU-twin-b"), TEMP, 1, "2026-03-01T12:00:00Z")));
    }

    private static GpuSubject.Builder at(String host, String uuid) {
        return StoredFleet.gpu(uuid).host(host);
    }

    private static Answer gpu(String id) {
        return calls.get("/api/v1/gpus/" + id);
    }

    @Test
    void slashes_areEncoded() {
        for (String id : List.of(OLD + "%2F3%2F0", OLD + "%2f3%2f0")) {
            assertThat(gpu(id).good().path("uuid").asString()).isEqualTo(OLD + "/3/0");
            assertThat(gpu(id + "/telemetry?start_time=2026-01-01T00:00:00Z&end_time=2026-01-02T00:00:00Z")
                            .good()
                            .path("count")
                            .asInt())
                    .isEqualTo(1);
        }
        gpu(OLD + "/3/0").problem(404);
    }

    @Test
    void place_isOfTheLastOne() {
        for (String id : List.of("nvidia3:place-host", "nvidia3%3Aplace-host")) {
            assertThat(gpu(id).good().path("uuid").asString()).isEqualTo("GPU-after");
        }
        gpu("nvidia3:twin-host")
                .refused(400, "id", "GPU \"nvidia3:twin-host\" names 2 GPUs: GPU-twin-a, GPU-twin-b; use the UUID");
    }

    @Test
    void uuid_isFoundInAnyCase() {
        assertThat(gpu("GPU-3F1C0A52-77D4-4B0E-9A61-5E2D8C94B701")
                        .good()
                        .path("uuid")
                        .asString())
                .isEqualTo(StoredFleet.U);
    }

    @Test
    void unknownGpu_isNotFound() {
        gpu("GPU-none").refused(404, "id", "no samples of GPU \"GPU-none\"");
        gpu(StoredFleet.U + "%20").refused(404, "id", "no samples of GPU \"" + StoredFleet.U + " \"");
        for (String of : List.of("/telemetry", "/metrics?metric=" + TEMP + "&aggregation=avg", "/stats", "/xid")) {
            gpu("GPU-none" + of).refused(404, "id", "no samples of GPU \"GPU-none\"");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%2E%2E%2Fhosts",
                "..%2F..%2Fv1%2Fhosts",
                "%2E%2E/hosts",
                "../hosts",
                "..;/hosts",
                "%00",
                "a%00b",
                "%FF",
                "%zz",
                "a%2",
                "%5C..%5Chosts",
                ".%2e/hosts",
                "%252F"
            })
    void otherPaths_areNeverOfHosts(String id) {
        Answer answer = RawCall.get(calls, "/api/v1/gpus/" + id);
        assertThat(answer.status()).as(answer.text()).isIn(400, 404);
        answer.problem(answer.status());
    }
}

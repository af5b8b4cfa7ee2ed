package io.gpufleet.telemetry.examples.rest.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.rest.Calls;
import io.gpufleet.telemetry.examples.rest.RunningApi;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Machines, their devices and statistics over HTTP, and the refusals of their parameters. */
@TelemetryStackTest
final class ClientsTest {
    private static final String ABSENT = StoredMachines.id(99);
    private static final String DEVICE = "{\"device_index\":0,\"device_name\":\"NVIDIA H100 PCIe\","
            + "\"vendor_id\":4318,\"device_id\":9009,\"utilization\":50,\"memory_usage\":50,\"power_usage\":50,"
            + "\"temperature\":50,\"memory_gb\":80,\"power_limit_watts\":350,"
            + "\"last_heartbeat\":\"2026-03-02T12:00:00.500Z\"}";
    private static final String CLIENT = "{\"client_id\":\"abcd0000000000000000000000000001\",\"cpu_usage\":50,"
            + "\"memory_usage\":50,\"disk_usage\":50,\"total_tflops\":100,\"device_memory_gb\":160,"
            + "\"device_count\":2,\"last_heartbeat\":\"2026-03-02T12:00:00.500Z\"}";

    private static Calls calls;

    @BeforeAll
    static void store(TelemetryStack stack) {
        RunningApi api = RunningApi.shared(stack);
        calls = api.calls();
        new StoredMachines(api.fleet().database().dataSource())
                .heartbeat(1, 40, 2, "2026-03-01T12:00:00Z")
                .heartbeat(1, 41, 2, "2026-03-01T13:00:00Z")
                .heartbeat(1, 50, 2, "2026-03-02T12:00:00.500Z")
                .heartbeat(2, 60, 1, "2026-03-02T11:00:00Z")
                .heartbeat(3, 70, 0, "2026-03-02T10:00:00Z")
                .store();
    }

    private static List<String> ids(JsonNode page) {
        return page.path("results")
                .valueStream()
                .map(client -> client.path("client_id").asString())
                .toList();
    }

    @Test
    void clients_comeAsAPage() {
        JsonNode page = calls.get("/api/v1/clients?limit=2").good();

        assertThat(page.propertyNames()).containsExactlyInAnyOrder("total", "limit", "offset", "count", "results");
        assertThat(page.path("total").asLong()).isEqualTo(3);
        assertThat(page.path("limit").asInt()).isEqualTo(2);
        assertThat(page.path("offset").asInt()).isZero();
        assertThat(page.path("count").asInt()).isEqualTo(2);
        assertThat(page.path("results").path(0).toString()).isEqualTo(CLIENT);
        assertThat(ids(calls.get("/api/v1/clients?offset=2").good())).containsExactly(StoredMachines.id(3));
        assertThat(calls.get("/api/v1/clients").good().path("limit").asInt()).isEqualTo(100);
    }

    @Test
    void clients_areFiltered() {
        JsonNode page = calls.get("/api/v1/clients?seen_since=2026-03-02T12:00:00%2B01:00")
                .good();
        assertThat(ids(page)).containsExactly(StoredMachines.id(1), StoredMachines.id(2));
        assertThat(page.path("total").asInt()).isEqualTo(2);
    }

    @Test
    void client_hasAllItsDevices() {
        for (String id : List.of(StoredMachines.id(1), StoredMachines.id(1).toUpperCase(Locale.ROOT))) {
            JsonNode state = calls.get("/api/v1/clients/" + id).good();
            assertThat(state.propertyNames()).containsExactlyInAnyOrder("client", "devices");
            assertThat(state.path("client").toString()).isEqualTo(CLIENT);
            assertThat(state.path("devices").size()).isEqualTo(2);
            assertThat(state.path("devices").path(0).toString()).isEqualTo(DEVICE);
        }
        JsonNode none =
                calls.get("/api/v1/clients/" + StoredMachines.id(3)).good().path("devices");
        assertThat(none.toString()).isEqualTo("[]");
    }

    @Test
    void devices_comeAsAPage() {
        JsonNode page = calls.get("/api/v1/clients/" + StoredMachines.id(1) + "/devices?limit=1")
                .good();
        assertThat(page.propertyNames()).containsExactlyInAnyOrder("total", "limit", "offset", "count", "results");
        assertThat(page.path("total").asInt()).isEqualTo(2);
        assertThat(page.path("count").asInt()).isEqualTo(1);
        assertThat(page.path("results").path(0).toString()).isEqualTo(DEVICE);
    }

    @Test
    void statistics_areThoseOfTheDays() {
        JsonNode stats = calls.get("/api/v1/clients/" + StoredMachines.id(1) + "/stats?from=2026-03-01&to=2026-03-01")
                .good();
        assertThat(stats.propertyNames()).containsExactlyInAnyOrder("client_id", "days", "devices");
        assertThat(stats.path("client_id").asString()).isEqualTo(StoredMachines.id(1));
        assertThat(stats.path("days").toString())
                .isEqualTo("[{\"date\":\"2026-03-01\",\"total_heartbeats\":2,\"avg_cpu_usage\":40.5,"
                        + "\"avg_memory_usage\":40.5,\"avg_disk_usage\":40.5,\"total_network_in_bytes\":2000,"
                        + "\"total_network_out_bytes\":4000,\"last_heartbeat\":\"2026-03-01T13:00:00Z\"}]");
        assertThat(stats.path("devices").size()).isEqualTo(2);
        assertThat(stats.path("devices").path(1).toString())
                .isEqualTo("{\"date\":\"2026-03-01\",\"device_index\":1,\"device_name\":\"NVIDIA H100 PCIe\","
                        + "\"total_heartbeats\":2,\"avg_utilization\":40.5,\"avg_temperature\":40.5,"
                        + "\"avg_power_usage\":40.5,\"avg_memory_usage\":40.5,"
                        + "\"last_heartbeat\":\"2026-03-01T13:00:00Z\"}");
        JsonNode both = calls.get("/api/v1/clients/" + StoredMachines.id(1) + "/stats?to=2026-03-02")
                .good();
        assertThat(both.path("days").size()).isEqualTo(2);
    }

    @Test
    void quiet_areTheLongestSilentFirst() {
        JsonNode quiet =
                calls.get("/api/v1/clients/quiet?since=2026-03-02T12:00:00Z").good();
        assertThat(quiet.propertyNames()).containsExactlyInAnyOrder("since", "total", "limit", "count", "results");
        assertThat(quiet.path("since").asString()).isEqualTo("2026-03-02T12:00:00Z");
        assertThat(ids(quiet)).containsExactly(StoredMachines.id(3), StoredMachines.id(2));
        JsonNode one = calls.get("/api/v1/clients/quiet?limit=1").good();
        assertThat(ids(one)).containsExactly(StoredMachines.id(3));
        assertThat(one.path("total").asInt()).isEqualTo(3);
        assertThat(Instant.parse(one.path("since").asString()))
                .isBetween(Instant.now().minusSeconds(660), Instant.now().minusSeconds(590));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/devices", "/stats"})
    void unknownClient_isNotFound(String path) {
        calls.get("/api/v1/clients/" + ABSENT + path).refused(404, "id", "no heartbeats of client \"" + ABSENT + "\"");
    }

    @ParameterizedTest
    @CsvSource({"abc, abc", "Quiet, Quiet", "a%2Fb, a/b", "%20, ' '"})
    void id_ofAnotherFormIsRefused(String written, String read) {
        for (String path : List.of("", "/devices", "/stats")) {
            calls.get("/api/v1/clients/" + written + path)
                    .refused(400, "id", "id \"" + read + "\" is not 32 hexadecimal characters");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ?limit=0                 | limit      | limit must be 1..1000, was 0
            ?offset=-1               | offset     | offset must be >= 0, was -1
            ?seen_since=yesterday    | seen_since | seen_since "yesterday" is not an RFC 3339 time, for example 2026-03-01T12:00:00Z
            ?seen_since=             | seen_since | seen_since must not be empty
            ?Seen_since=2026-03-01   | Seen_since | parameter "Seen_since" is not known; did you mean seen_since?
            /quiet?since=2026-03-01  | since      | since "2026-03-01" is not an RFC 3339 time, for example 2026-03-01T12:00:00Z
            /quiet?limit=1001        | limit      | limit must be 1..1000, was 1001
            /ID/stats?from=yesterday | from       | from "yesterday" is not a day, for example 2026-03-01
            /ID/stats?to=2026-02-30  | to         | to "2026-02-30" is not a day, for example 2026-03-01
            /ID/stats?from=2026-03-02&to=2026-03-01 | to | to 2026-03-01 is before from 2026-03-02
            /ID/stats?from=2020-01-01&to=2026-03-01 | from | from 2020-01-01 to 2026-03-01 are 2252 days, of which 1000 are allowed
            /ID/stats?from=2026-03-02&from=2026-03-02 | from | from stands twice
            /ID?limit=5              | limit      | parameter "limit" is not known; there are none here
            """)
    void badParameters_areRefused(String question, String parameter, String detail) {
        calls.get("/api/v1/clients" + question.replace("ID", StoredMachines.id(1)))
                .refused(400, parameter, detail);
    }
}

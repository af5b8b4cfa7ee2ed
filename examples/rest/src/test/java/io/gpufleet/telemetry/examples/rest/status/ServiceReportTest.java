package io.gpufleet.telemetry.examples.rest.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.rest.Calls;
import io.gpufleet.telemetry.examples.rest.RunningApi;
import io.gpufleet.telemetry.examples.rest.StoredFleet;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The reports of consumers over HTTP. */
@TelemetryStackTest
final class ServiceReportTest {
    private static RunningApi api;
    private static Calls calls;

    @BeforeAll
    static void start(TelemetryStack stack) {
        api = RunningApi.start(stack, StoredFleet.create(stack));
        calls = api.calls();
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        execute("TRUNCATE pipeline_consumer_configs, consumer_lag_history, consumer_processing_metrics CASCADE");
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = api.fleet().database().dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void lag(String service, long lag, String ago) throws SQLException {
        execute("INSERT INTO consumer_lag_history (service_name, consumer_group_id, topic, partition, consumer_offset,"
                + " log_end_offset, lag, timestamp) VALUES ('" + service + "', '" + service + "-group', 't', 0, 7, 7 + "
                + lag + ", " + lag + ", now() - interval '" + ago + "')");
    }

    private static void batch(String service, int size, int failed, long millis) throws SQLException {
        execute("INSERT INTO consumer_processing_metrics (service_name, consumer_group_id, batch_size,"
                + " messages_processed, messages_failed, processing_time_ms, messages_per_second) VALUES ('" + service
                + "', '" + service + "-group', " + size + ", " + size + " - " + failed + ", " + failed + ", " + millis
                + ", 250)");
    }

    private static String status() {
        return calls.get("/api/v1/status").good().path("status").asString();
    }

    @Test
    void noService_isUnknown() {
        assertThat(calls.get("/api/v1/stats").good().toString()).isEqualTo("{\"count\":0,\"services\":[]}");
        assertThat(calls.get("/api/v1/status").good().toString())
                .isEqualTo("{\"status\":\"unknown\",\"services\":0,\"alerts\":[]}");
    }

    @Test
    void stats_areTheReportsOfEachService() throws SQLException {
        lag("orders", 42, "1 second");
        batch("orders", 80, 4, 12);
        JsonNode stats = calls.get("/api/v1/stats").good();

        assertThat(stats.path("count").asInt()).isEqualTo(1);
        JsonNode service = stats.path("services").path(0);
        assertThat(service.propertyNames())
                .containsExactly(
                        "service",
                        "group",
                        "lag",
                        "lag_status",
                        "reported_at",
                        "batch_ms",
                        "speed",
                        "batch_size",
                        "messages_per_second",
                        "error_rate",
                        "recommendation");
        assertThat(service.path("service").asString()).isEqualTo("orders");
        assertThat(service.path("group").asString()).isEqualTo("orders-group");
        assertThat(service.path("lag").asLong()).isEqualTo(42);
        assertThat(service.path("lag_status").asString()).isEqualTo("HEALTHY");
        assertThat(Instant.parse(service.path("reported_at").asString()))
                .isBetween(Instant.now().minusSeconds(60), Instant.now());
        assertThat(service.path("batch_ms").asDouble()).isEqualTo(12);
        assertThat(service.path("speed").asString()).isEqualTo("GOOD");
        assertThat(service.path("batch_size").asDouble()).isEqualTo(80);
        assertThat(service.path("messages_per_second").asDouble()).isEqualTo(250);
        assertThat(service.path("error_rate").asDouble()).isEqualTo(0.05);
        assertThat(status()).isEqualTo("ok");
    }

    /** An old lag is none. */
    @Test
    void silentService_hasNoLag() throws SQLException {
        lag("silent", 42, "2 minutes");
        JsonNode service = calls.get("/api/v1/stats").good().path("services").path(0);
        for (String unknown : List.of("lag", "batch_ms", "batch_size", "messages_per_second", "error_rate")) {
            assertThat(service.path(unknown).isNull()).as(unknown).isTrue();
        }
        assertThat(service.path("lag_status").asString()).isEqualTo("UNKNOWN");
        JsonNode status = calls.get("/api/v1/status").good();
        assertThat(status.path("status").asString()).isEqualTo("immediate_action");
        assertThat(status.path("services").asInt()).isEqualTo(1);
        JsonNode alert = status.path("alerts").path(0);
        assertThat(alert.propertyNames())
                .containsExactly(
                        "service",
                        "group",
                        "action",
                        "lag",
                        "lag_status",
                        "report_age_seconds",
                        "speed",
                        "error_rate",
                        "recommendation");
        assertThat(alert.path("service").asString()).isEqualTo("silent");
        assertThat(alert.path("action").asString()).isEqualTo("immediate_action");
        assertThat(alert.path("lag").isNull()).isTrue();
        assertThat(alert.path("report_age_seconds").asLong()).isBetween(120L, 150L);
        assertThat(alert.path("speed").asString()).isEqualTo("UNKNOWN");
        assertThat(alert.path("recommendation").asString()).startsWith("Look at the service: it has not reported for");
    }

    @Test
    void status_isTheMostUrgentAction() throws SQLException {
        lag("calm", 1, "1 second");
        lag("watched", 101, "1 second");
        assertThat(status()).isEqualTo("monitor");
        lag("late", 1_001, "1 second");
        assertThat(status()).isEqualTo("investigate");
        lag("drowned", 10_001, "1 second");
        assertThat(status()).isEqualTo("immediate_action");
        JsonNode status = calls.get("/api/v1/status").good();
        assertThat(status.path("services").asInt()).isEqualTo(4);
        assertThat(status.path("alerts")
                        .valueStream()
                        .map(alert -> alert.path("service").asString()))
                .containsExactly("drowned", "late", "watched");
    }

    @Test
    void answers_haveNoKeyAndNoAddress() throws SQLException {
        lag("orders", 42, "2 minutes");
        for (String path : List.of("/api/v1/stats", "/api/v1/status")) {
            assertThat(calls.get(path).text())
                    .contains("orders")
                    .doesNotContain(RunningApi.KEY, RunningApi.OTHER_KEY, "jdbc:", "127.0.0.1", "localhost");
            calls.get(path + "?limit=5").refused(400, "limit", "parameter \"limit\" is not known; there are none here");
        }
    }
}

package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.config.InvalidSettingsException;
import io.gpufleet.telemetry.examples.quickstart.Query;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One of two services is changed by SQL while both run. */
@TelemetryStackTest
final class TunedServiceTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<FleetRecord> FLEET = FleetGenerator.builder()
            .clients(20)
            .startAgo(Duration.ofHours(1))
            .build()
            .records(1_200);

    @Test
    void changeOfOneRow_isSeenInTheViewAndLeavesTheOtherServiceAlone(TelemetryStack stack) throws Exception {
        PostgresDatabase database = stack.newDatabase();
        TelemetrySchema.create(database.dataSource()).install();
        stack.createTopic(TunedService.EAST, 1);
        stack.createTopic(TunedService.WEST, 1);
        Sql.execute(
                database.dataSource(),
                "INSERT INTO pipeline_consumer_configs (service_name, consumer_group_id, max_poll_records,"
                        + " batch_max_records, batch_linger_ms) VALUES ('heartbeats-east', 'east', 40, 10, 100),"
                        + " ('heartbeats-west', 'west', 60, 20, 100)");
        try (TunedService services = new TunedService(stack.bootstrapServers(), database.jdbcUrl(), loopback(0))) {
            stack.publish(TunedService.EAST, FLEET.subList(0, 300));
            stack.publish(TunedService.WEST, FLEET.subList(300, 600));
            awaitStored(database, 600);
            awaitSeen(database, "heartbeats-east", "max_poll_records = 40 AND avg_batch_size BETWEEN 1 AND 10");
            awaitSeen(database, "heartbeats-west", "max_poll_records = 60 AND avg_batch_size BETWEEN 1 AND 20");

            Sql.execute(
                    database.dataSource(),
                    "UPDATE pipeline_consumer_configs SET max_poll_records = 500, batch_max_records = 300,"
                            + " batch_linger_ms = 1000 WHERE service_name = 'heartbeats-east'");
            awaitMeter(services, "telemetry_clients_replaced_clients_total{service=\"heartbeats-east\"} 1.0");
            stack.publish(TunedService.EAST, FLEET.subList(600, 1_200));
            awaitStored(database, 1_200);

            awaitSeen(database, "heartbeats-east", "max_poll_records = 500 AND avg_batch_size > 10");
            awaitSeen(database, "heartbeats-west", "max_poll_records = 60 AND avg_batch_size BETWEEN 1 AND 20");
            awaitMeter(services, "telemetry_lag_messages{partition=\"0\",service=\"heartbeats-east\",");
            assertThat(scrape(services))
                    .contains(
                            "telemetry_records_written_records_total{service=\"heartbeats-east\"} 900.0",
                            "telemetry_records_written_records_total{service=\"heartbeats-west\"} 300.0",
                            "telemetry_clients_replaced_clients_total{service=\"heartbeats-west\"} 0.0",
                            "kafka_consumer_")
                    .contains("telemetry_write_time_seconds_bucket");
            assertThat(HeartbeatInvariant.check(database.dataSource()).holds()).isTrue();
            for (String meter : metersOfTheReadme()) {
                Await.until(meter, LIMIT, () -> withoutNumbers(scrape(services)).contains(meter));
            }
        }
        awaitNoConnection(database);
    }

    /** Returns the meters in the README; their values come from another run. */
    private static List<String> metersOfTheReadme() throws IOException {
        List<String> meters = Snippets.of("README.md")
                .blocks("prometheus")
                .get(0)
                .lines()
                .map(line -> withoutNumbers(line.substring(0, line.lastIndexOf(' ') + 1)))
                .toList();
        assertThat(meters).hasSizeGreaterThan(5);
        return meters;
    }

    /** Returns lines without numbers, since clients are numbered throughout a process. */
    private static String withoutNumbers(String lines) {
        return lines.replaceAll("(client_id=\"[a-z-]+)\\d+", "$1");
    }

    @Test
    void takenPort_startsNothing(TelemetryStack stack) throws Exception {
        PostgresDatabase database = stack.newDatabase();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatExceptionOfType(BindException.class)
                    .isThrownBy(() -> new TunedService(
                                    stack.bootstrapServers(), database.jdbcUrl(), loopback(taken.getLocalPort()))
                            .close());
        }
        awaitNoConnection(database);
    }

    /** The table accepts a row without a group; the second service cannot start with it, after the first one has. */
    @Test
    void refusedService_endsTheOtherOne(TelemetryStack stack) throws Exception {
        PostgresDatabase database = stack.newDatabase();
        TelemetrySchema.create(database.dataSource()).install();
        Sql.execute(
                database.dataSource(),
                "ALTER TABLE pipeline_consumer_configs DROP CONSTRAINT consumer_group_id_not_blank;"
                        + " INSERT INTO pipeline_consumer_configs (service_name, consumer_group_id) VALUES"
                        + " ('heartbeats-east', 'east'), ('heartbeats-west', '')");
        assertThatExceptionOfType(InvalidSettingsException.class)
                .isThrownBy(() -> new TunedService(stack.bootstrapServers(), database.jdbcUrl(), loopback(0)).close())
                .withMessageContaining("heartbeats-west");
        awaitNoConnection(database);
    }

    private static void awaitNoConnection(PostgresDatabase database) {
        Await.until(
                "no connection is left",
                LIMIT,
                () -> Query.number(
                        database.dataSource(),
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND pid <> pg_backend_pid()"),
                connections -> connections == 0);
    }

    private static void awaitStored(PostgresDatabase database, long heartbeats) {
        Await.until(
                "heartbeats are stored",
                LIMIT,
                () -> Query.number(database.dataSource(), "SELECT count(*) FROM heartbeat"),
                count -> count == heartbeats);
    }

    private static void awaitSeen(PostgresDatabase database, String service, String condition) {
        Await.until(
                service + ": " + condition,
                LIMIT,
                () -> Query.number(
                                database.dataSource(),
                                "SELECT count(*) FROM v_consumer_performance_monitor WHERE service_name = '" + service
                                        + "' AND " + condition)
                        == 1);
    }

    private static void awaitMeter(TunedService services, String line) {
        Await.until(line, LIMIT, () -> scrape(services).contains(line));
    }

    private static String scrape(TunedService services) throws Exception {
        URI uri = URI.create("http://localhost:" + services.port() + "/metrics");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body();
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}

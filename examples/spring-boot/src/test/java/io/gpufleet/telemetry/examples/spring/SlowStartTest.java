package io.gpufleet.telemetry.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A consumer that takes long to start makes the application unready, but not dead. */
@TelemetryStackTest
final class SlowStartTest {
    private static final Duration LIMIT = Duration.ofSeconds(100);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @Test
    void start_thatWaits_isNotReadyAndLives(TelemetryStack stack) throws Exception {
        PostgresDatabase created = stack.newDatabase();
        stack.createTopic("spring-slow", 1);
        TelemetrySchema.builder(created.dataSource())
                .schema("telemetry")
                .build()
                .install();
        int port = freePort();
        CompletableFuture<RunningHost> starting;
        try (Connection other = lockedPositions(created)) {
            starting = CompletableFuture.supplyAsync(() -> RunningHost.start(arguments(stack, created, port)));
            HttpResponse<String> first = Await.until(
                    "the first answer", LIMIT, () -> probe(port, "liveness"), answer -> answer.statusCode() != 0);
            assertThat(first.statusCode()).isEqualTo(200);
            assertThat(probe(port, "readiness").statusCode()).isEqualTo(503);
            assertThat(starting).as("it still waits").isNotDone();
            other.rollback();
        }
        try (RunningHost host = starting.join()) {
            Await.until("it is ready", LIMIT, host::readiness, readiness -> readiness.statusCode() == 200);
            assertThat(host.liveness().statusCode()).isEqualTo(200);
        }
    }

    private static String[] arguments(TelemetryStack stack, PostgresDatabase database, int port) {
        return Stream.of(RunningHost.arguments(stack, database, "spring-slow"))
                .map(argument -> argument.equals("--server.port=0") ? "--server.port=" + port : argument)
                .toArray(String[]::new);
    }

    /** Locks the table of positions, which the consumer reads at its start. */
    private static Connection lockedPositions(PostgresDatabase database) throws SQLException {
        Connection connection = database.dataSource().getConnection();
        connection.setAutoCommit(false);
        connection.createStatement().execute("LOCK TABLE telemetry.consumer_offsets IN ACCESS EXCLUSIVE MODE");
        return connection;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Sends one request; Await repeats it while nothing listens. */
    private static HttpResponse<String> probe(int port, String group) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/actuator/health/" + group))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }
}

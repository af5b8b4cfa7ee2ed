package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The answers to an orchestrator, also when the database fails. */
@Execution(ExecutionMode.CONCURRENT)
final class HealthOverHttpTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String PORT = "health on port ";

    private final HttpClient client = HttpClient.newHttpClient();

    private String get(int port, String path) {
        URI uri = URI.create("http://localhost:" + port + path);
        try {
            HttpResponse<String> answer =
                    client.send(HttpRequest.newBuilder(uri).timeout(LIMIT).build(), BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private List<String> both(Health health) throws IOException {
        HttpServer http =
                HealthOverHttp.serve(() -> health, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        try {
            int port = http.getAddress().getPort();
            return List.of(get(port, "/live"), get(port, "/ready"));
        } finally {
            http.stop(0);
        }
    }

    @Test
    void live_isWhatHasNotStopped_ready_isWhatWorks() throws IOException {
        Trouble lag = new Trouble(Concern.LAG, "lag");
        assertThat(both(Health.of())).containsExactly("200 UP\n", "200 UP\n");
        assertThat(both(Health.of(new Trouble(Concern.STORE, "no answer"), lag)))
                .containsExactly("200 DEGRADED\nno answer\nlag\n", "503 DEGRADED\nno answer\nlag\n");
        assertThat(both(Health.of(lag))).containsExactly("200 DEGRADED\nlag\n", "200 DEGRADED\nlag\n");
        assertThat(both(Health.of(new Trouble(Concern.ENDED, "stopped"))))
                .containsExactly("503 DOWN\nstopped\n", "503 DOWN\nstopped\n");
    }

    @Test
    void process_staysAliveWithoutItsDatabase_butIsNotReady() {
        try (TelemetryStack stack = TelemetryStack.start()) {
            stack.createTopic(HeartbeatConsumer.TOPIC, 1);
            try (ForkedJvm service = ForkedJvm.builder(HealthOverHttp.class)
                    .jvmArguments("-Dorg.slf4j.simpleLogger.defaultLogLevel=error")
                    .arguments(stack.bootstrapServers(), stack.newDatabase().jdbcUrl(), "0")
                    .start()) {
                int port = Integer.parseInt(service.awaitLine(PORT, LIMIT).substring(PORT.length()));
                await(port, "/ready", "200 UP");

                stack.postgres().stop();
                await(port, "/ready", "503 DEGRADED");
                assertThat(get(port, "/live")).startsWith("200 DEGRADED");

                stack.postgres().start();
                await(port, "/ready", "200 UP");
            }
        }
    }

    private void await(int port, String path, String beginning) {
        Await.until(
                path + " answers " + beginning, LIMIT, () -> get(port, path), answer -> answer.startsWith(beginning));
    }
}

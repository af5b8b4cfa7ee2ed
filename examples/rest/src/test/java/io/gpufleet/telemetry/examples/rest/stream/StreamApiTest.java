package io.gpufleet.telemetry.examples.rest.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.rest.Answer;
import io.gpufleet.telemetry.examples.rest.Calls;
import io.gpufleet.telemetry.examples.rest.RunningApi;
import io.gpufleet.telemetry.examples.rest.StoredFleet;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import io.gpufleet.telemetry.testkit.TestRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The stream as the service offers it. */
@TelemetryStackTest
@Timeout(120)
final class StreamApiTest {
    private static final String TOPIC = "streamed";
    private static final Duration LIMIT = Duration.ofSeconds(40);

    private static RunningApi api;
    private static TelemetryStack stack;

    @BeforeAll
    static void start(TelemetryStack shared) {
        stack = shared;
        stack.createTopic(TOPIC, 2);
        api = RunningApi.start(
                stack, StoredFleet.create(stack), "--topic=" + TOPIC, "--rate=1000000", "--burst=1000000");
    }

    @AfterAll
    static void close() {
        api.close();
    }

    private static SseClient connect(String query, String lastId) throws IOException {
        return new SseClient(api.port(), query, lastId, RunningApi.KEY);
    }

    @Test
    void stream_givesSamplesAsTheyCome() throws IOException {
        try (SseClient client = connect("?gpu=GPU-1&metric=DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "")
                .beginLive()) {
            assertThat(client.headers())
                    .containsEntry("content-type", "text/event-stream;charset=UTF-8")
                    .containsEntry("cache-control", "no-store")
                    .containsEntry("x-accel-buffering", "no")
                    .doesNotContainKeys("content-encoding", "etag", "content-length");
            stack.publish(
                    TOPIC, List.of(TestRecord.of(StreamTest.sample("GPU-1", 5).getBytes(UTF_8))));
            assertThat(client.next().value()).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gpu=U&metric=GPU_TMP | metric | metric "GPU_TMP" is not known; did you mean DCGM_FI_DEV_GPU_TEMP?
            gpu=U&gpu=V          | gpu    | gpu stands twice
            gpu=                 | gpu    | gpu must not be empty
            gup=U                | gup    | parameter "gup" is not known; did you mean gpu?
            """)
    void badParameters_areRefusedBeforeAnythingIsOpen(String query, String parameter, String detail) {
        api.calls()
                .with("Accept", "text/event-stream")
                .get("/api/v1/stream?" + query)
                .refused(400, parameter, detail);
    }

    @Test
    void otherRequests_areAnsweredAsEverywhere() {
        Calls calls = api.calls();
        assertThat(calls.send("HEAD", "/api/v1/stream", "").status()).isEqualTo(200);
        assertThat(calls.send("HEAD", "/api/v1/stream", "").header("Content-Type"))
                .isEqualTo("text/event-stream;charset=UTF-8");
        Answer posted = calls.send("POST", "/api/v1/stream", "{}");
        posted.problem(405);
        assertThat(posted.header("Allow").split(", ")).containsExactlyInAnyOrder("GET", "HEAD", "OPTIONS");
        calls.with("Accept", "application/xml").get("/api/v1/stream").problem(406);
        api.strangers().get("/api/v1/stream").problem(401);
    }

    @Test
    void veryLongId_isToldAsAGap() throws IOException {
        try (SseClient client = connect("", "1".repeat(100_000))) {
            assertThat(client.status()).isIn(200, 431);
            assertThat(client.next().name()).isEqualTo("gap");
        }
    }

    @Test
    void hundredClients_areTheMost() throws IOException {
        List<SseClient> clients = new ArrayList<>();
        Await.until(
                "earlier clients to be gone",
                LIMIT,
                () -> api.bean(SampleStreams.class).clients() == 0);
        for (int i = 0; i < 100; i++) {
            clients.add(connect("", "").begin());
        }
        Answer refused = api.calls().get("/api/v1/stream");
        refused.problem(503);
        assertThat(refused.header("Retry-After")).isEqualTo("5");
        for (SseClient client : clients) {
            client.close();
        }
        Await.until(
                "clients to be gone", LIMIT, () -> api.bean(SampleStreams.class).clients() == 0);
    }

    @Test
    void service_endsWithItsStreams() throws IOException {
        RunningApi ending = RunningApi.start(stack, api.fleet(), "--topic=" + TOPIC);
        try (SseClient client = new SseClient(ending.port(), "", "", RunningApi.KEY).beginLive()) {
            long start = System.nanoTime();
            ending.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
            assertThat(client.isAtEnd()).isTrue();
        }
    }
}

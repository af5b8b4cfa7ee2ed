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
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        // A tag would be of a body that has no end.
        assertThat(calls.send("HEAD", "/api/v1/%73tream", "").header("ETag")).isEmpty();
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
        clients.remove(0).close();
        Await.until("room again", LIMIT, StreamApiTest::hasRoom);
        for (SseClient client : clients) {
            client.close();
        }
        Await.until(
                "clients to be gone", LIMIT, () -> api.bean(SampleStreams.class).clients() == 0);
    }

    private static boolean hasRoom() {
        try (SseClient client = connect("", "")) {
            return client.status() == 200 && client.begin().comments() > 0;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SseClient withHeaders(String... lines) throws IOException {
        List<String> all = new ArrayList<>(List.of(lines));
        all.add("X-API-Key: " + RunningApi.KEY);
        return SseClient.withHeaders(api.port(), all.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Last-Event-ID:", "Last-Event-ID:   ", "last-event-id: \t"})
    void emptyId_isNone(String line) throws IOException {
        try (SseClient client = withHeaders(line).beginLive()) {
            stack.publish(TOPIC, List.of(StreamTest.record("GPU-1", 5, 1)));
            assertThat(client.next().name()).isEqualTo("sample");
        }
    }

    @Test
    void idHeader_inOtherForms_isReadOrTold() throws IOException {
        String id;
        try (SseClient client = connect("", "").beginLive()) {
            id = client.lastId();
        }
        stack.publish(TOPIC, List.of(StreamTest.record("GPU-1", 77, 1)));
        for (String line : List.of("last-event-id: " + id, "LAST-EVENT-ID:\t" + id + " \t", "Last-Event-ID:" + id)) {
            try (SseClient client = withHeaders(line)) {
                assertThat(client.next().value()).isEqualTo(77);
            }
        }
        try (SseClient client = withHeaders("Last-Event-ID: " + id, "Last-Event-ID: " + id)) {
            assertThat(client.next().name()).isEqualTo("gap");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/event-stream | 200",
                "*/* | 200",
                "text/* | 200",
                "text/html, */*;q=0.8 | 200",
                "application/json | 406",
                "nonsense | 406"
            })
    void accept_choosesAsEverywhere(String accept, int status) throws IOException {
        try (SseClient client = withHeaders("Accept: " + accept)) {
            assertThat(client.status()).isEqualTo(status);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?gpu=nvidia3:n1",
                "?gpu=nvidia3%3An1",
                "?gpu=gpu-place",
                "?metric=dcgm_total_energy_consumption",
                "?metric_name=dcgm_total_energy_consumption",
                "?Metric_name=DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION&metric=dcgm_total_energy_consumption",
                "?metric=DCGM_FI_DEV_FB_USED&metric=DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
            })
    void names_areThoseOfTheOtherQuestions(String query) throws IOException {
        try (SseClient client = connect(query, "").beginLive();
                SseClient other = connect("?gpu=GPU-unknown", "").beginLive()) {
            assertThat(other.status()).isEqualTo(200);
            stack.publish(TOPIC, List.of(StreamTest.record("GPU-place", 5, 1)));
            assertThat(client.next().value()).isEqualTo(5);
        }
    }

    @Test
    void options_nameTheMethods() {
        Answer answer = api.calls().send("OPTIONS", "/api/v1/stream", "");
        assertThat(answer.status()).isIn(200, 204);
        assertThat(answer.header("Allow").split(", ?")).containsExactlyInAnyOrder("GET", "HEAD", "OPTIONS");
    }

    /** Chunks may begin and end anywhere: only whole lines count. */
    @Test
    void stream_isChunkedForHttp11() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nX-API-Key: " + RunningApi.KEY
                                    + "\r\n\r\n")
                            .getBytes(UTF_8));
            BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            List<String> head = new ArrayList<>();
            for (String line = lines.readLine(); !line.startsWith("id: "); line = lines.readLine()) {
                head.add(line.toLowerCase(Locale.ROOT));
            }
            assertThat(head).contains("http/1.1 200 ", "transfer-encoding: chunked", ":");
        }
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

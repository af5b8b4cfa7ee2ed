package io.gpufleet.telemetry.examples.rest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests whose body does not come, or comes late. */
@TelemetryStackTest
final class UnreadBodyTest {
    /** More than the service has threads. */
    private static final int CONNECTIONS = 300;

    private static final int LIMIT_MILLIS = 8_000;
    private static final String WITH_KEY =
            "X-API-Key: " + RunningApi.KEY + "\r\nContent-Type: application/json\r\nContent-Length: ";

    private static Socket connect(RunningApi api, String text) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port());
        socket.setSoTimeout(LIMIT_MILLIS);
        send(socket, text);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    private static String request(String line, String headers) {
        return line + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n\r\n";
    }

    private static String read(Socket socket, int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource({
        "POST /telemetry, false, ''",
        "POST /telemetry, false, x",
        "GET /api/v1/gpus, false, ''",
        "GET /api/v1/gpus, false, x",
        "GET /health, false, ''",
        "GET /health, false, x",
        "OPTIONS *, false, ''",
        "POST /telemetry, true, ''",
        "POST /telemetry, true, [",
        "GET /api/v1/gpus, true, ''"
    })
    void bodiesThatDoNotCome_holdUpNoOther(String line, boolean hasKey, String sent, TelemetryStack stack)
            throws IOException {
        RunningApi api = RunningApi.shared(stack);
        Calls other = api.strangers().with("X-API-Key", RunningApi.OTHER_KEY);
        other.get("/api/v1/gpus").good();
        String text = request(line, hasKey ? WITH_KEY + "1000" : "Content-Length: 1000") + sent;
        List<Socket> held = new ArrayList<>();
        try {
            for (int connection = 0; connection < CONNECTIONS; connection++) {
                held.add(connect(api, text));
            }
            for (String path : List.of("/health", "/ready", "/api/v1/gpus")) {
                long start = System.nanoTime();
                assertThat(other.get(path).status()).as(path).isEqualTo(200);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).as(path).isLessThan(Duration.ofSeconds(2));
            }
        } finally {
            for (Socket socket : held) {
                socket.close();
            }
        }
    }

    @Test
    void bodyThatComesAfterTheAnswer_keepsTheConnection(TelemetryStack stack) throws IOException {
        RunningApi api = RunningApi.shared(stack);
        try (Socket socket = connect(api, request("GET /health", "Content-Length: 4"))) {
            assertThat(read(socket, 12)).isEqualTo("HTTP/1.1 200");
            send(socket, "body" + request("GET /health", "Connection: close"));
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .contains("HTTP/1.1 200");
        }
    }

    @Test
    void bodyThatDoesNotCome_endsTheConnectionBehindItsAnswer(TelemetryStack stack) throws IOException {
        RunningApi api = RunningApi.shared(stack);
        try (Socket socket = connect(api, request("GET /health", "Content-Length: 1000") + "x")) {
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 200")
                    .contains("{\"status\":\"ok\"}");
        }
    }

    @Test
    void senderOfTooMuch_readsItsAnswer(TelemetryStack stack) throws IOException {
        RunningApi api = RunningApi.shared(stack);
        int length = (1 << 20) + (1 << 19);
        try (Socket socket = connect(api, request("POST /telemetry", WITH_KEY + length))) {
            send(socket, " ".repeat(length));
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 413")
                    .contains("allowed: 1048576 bytes");
        }
    }
}

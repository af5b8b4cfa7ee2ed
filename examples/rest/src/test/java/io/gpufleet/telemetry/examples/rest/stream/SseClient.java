package io.gpufleet.telemetry.examples.rest.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A browser's EventSource without its reconnects, by HTTP/1.0, so that the body is the stream itself. */
final class SseClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PATIENCE_MILLIS = 20_000;
    private static final int MOST_COMMENTS = 12;

    /** An event with data. */
    record Event(String name, String id, String data) {
        JsonNode json() throws IOException {
            return JSON.readTree(data);
        }

        long value() throws IOException {
            return json().get("value").asLong();
        }
    }

    private final Socket socket = new Socket();
    private final BufferedReader lines;
    private final int status;
    private final Map<String, String> headers = new TreeMap<>();
    private String lastId;
    private int comments;
    private String pendingId = "";
    private String name = "message";
    private String data = "";

    SseClient(int port, String query, String lastId) throws IOException {
        this(port, query, lastId, "none");
    }

    SseClient(int port, String query, String lastId, String key) throws IOException {
        this(
                port,
                "/api/v1/stream" + query + " HTTP/1.0",
                lastId,
                List.of("X-API-Key: " + key, lastId.isEmpty() ? "X-None: 1" : "Last-Event-ID: " + lastId));
    }

    private SseClient(int port, String request, String lastId, List<String> headerLines) throws IOException {
        this.lastId = lastId;
        socket.setReceiveBufferSize(16_384);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.getOutputStream()
                .write(("GET " + request + "\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n"
                                + String.join("\r\n", headerLines) + "\r\n\r\n")
                        .getBytes(UTF_8));
        this.lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        this.status = Integer.parseInt(line().substring(9, 12));
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
    }

    /** Connects with headers as they are written. */
    static SseClient withHeaders(int port, String... lines) throws IOException {
        return new SseClient(port, "/api/v1/stream HTTP/1.0", "", List.of(lines));
    }

    private String line() throws IOException {
        String line = lines.readLine();
        if (line == null) {
            throw new IOException("the stream has ended");
        }
        return line;
    }

    int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** Returns the last id, as the specification keeps it. */
    String lastId() {
        return lastId;
    }

    int comments() {
        return comments;
    }

    /** Reads until the first comment. */
    SseClient begin() throws IOException {
        while (comments == 0) {
            read(line());
        }
        return this;
    }

    /** Reads until so many comments have come. */
    void awaitComments(int count) throws IOException {
        while (comments < count) {
            read(line());
        }
    }

    /** Reads until the first id: what is published from then on comes. */
    SseClient beginLive() throws IOException {
        return awaitId("");
    }

    private boolean read(String line) throws IOException {
        if (line.isEmpty()) {
            lastId = pendingId.isEmpty() ? lastId : pendingId;
            return true;
        }
        if (line.startsWith(":")) {
            comments++;
        } else if (line.startsWith("id: ")) {
            pendingId = line.substring(4);
        } else if (line.startsWith("event: ")) {
            name = line.substring(7);
        } else if (line.startsWith("data: ")) {
            data += line.substring(6) + '\n';
        } else {
            // A connection that ends for a slow client ends anywhere.
            throw new IOException("a line is cut off, or is none of an event: " + line);
        }
        return false;
    }

    /** Returns the next event with data. */
    Event next() throws IOException {
        while (true) {
            if (read(line())) {
                Event event = new Event(name, lastId, data.strip());
                name = "message";
                data = "";
                if (!event.data().isEmpty()) {
                    return event;
                }
            }
        }
    }

    /** Reads blocks until the last id is another one. */
    SseClient awaitId(String other) throws IOException {
        while (lastId.equals(other) || lastId.isEmpty()) {
            if (read(line()) && !data.isEmpty()) {
                throw new IllegalStateException("an event came: " + data);
            }
        }
        return this;
    }

    /** Returns whether nothing more comes; a stream that only has comments has not ended. */
    boolean isAtEnd() throws IOException {
        int most = comments + MOST_COMMENTS;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            read(line);
            if (comments > most) {
                return false;
            }
        }
        return true;
    }

    /** Leaves without a word. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}

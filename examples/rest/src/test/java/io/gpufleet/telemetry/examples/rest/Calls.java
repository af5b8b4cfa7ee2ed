package io.gpufleet.telemetry.examples.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** Requests to a service, with headers that all of them have. Immutable. */
public final class Calls {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final String address;
    private final Map<String, String> headers;

    private Calls(String address, Map<String, String> headers) {
        this.address = address;
        this.headers = headers;
    }

    static Calls to(String address) {
        return new Calls(address, Map.of());
    }

    String address() {
        return address;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** Returns calls with a further header. */
    public Calls with(String header, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(header, value);
        return new Calls(address, more);
    }

    /** Asks for a path with its query, as it is written. */
    public Answer get(String path) {
        return send("GET", path, "");
    }

    /** Sends a request with a body; an empty one is none. */
    public Answer send(String method, String path, String body) {
        return send(method, path, body.getBytes(UTF_8));
    }

    /** Sends a request with a body; an empty one is none. */
    public Answer send(String method, String path, byte[] body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address + path)).timeout(LIMIT);
        headers.forEach(request::header);
        request.method(
                method,
                body.length == 0 ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body));
        try {
            HttpResponse<byte[]> response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(method + " " + path, e);
        }
    }
}

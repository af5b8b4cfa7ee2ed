package io.gpufleet.telemetry.examples.rest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Requests as they are written, which a client would refuse to send. */
final class RawCall {
    private static final int LIMIT_MILLIS = 30_000;

    private RawCall() {}

    static Answer get(Calls calls, String path) {
        return send(calls, "GET " + path + " HTTP/1.1");
    }

    /** Sends a first line and the headers of the calls, and reads the answer to its end. */
    static Answer send(Calls calls, String line) {
        StringBuilder request = new StringBuilder(line + "\r\nHost: localhost\r\nConnection: close\r\n");
        calls.headers()
                .forEach((name, value) ->
                        request.append(name).append(": ").append(value).append("\r\n"));
        URI address = URI.create(calls.address());
        try (Socket socket = new Socket(InetAddress.getByName(address.getHost()), address.getPort())) {
            socket.setSoTimeout(LIMIT_MILLIS);
            socket.getOutputStream().write(request.append("\r\n").toString().getBytes(ISO_8859_1));
            return answer(new String(socket.getInputStream().readAllBytes(), ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(line, e);
        }
    }

    private static Answer answer(String text) {
        int end = text.indexOf("\r\n\r\n");
        List<String> lines = text.substring(0, end).lines().toList();
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header : lines.subList(1, lines.size())) {
            String[] parts = header.split(": ?", 2);
            headers.computeIfAbsent(parts[0], absent -> new ArrayList<>()).add(parts[1]);
        }
        byte[] body = text.substring(end + 4).getBytes(ISO_8859_1);
        return new Answer(
                Integer.parseInt(lines.get(0).split(" ", 3)[1]), HttpHeaders.of(headers, (name, value) -> true), body);
    }
}

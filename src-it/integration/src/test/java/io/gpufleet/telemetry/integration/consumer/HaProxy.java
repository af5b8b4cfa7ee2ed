package io.gpufleet.telemetry.integration.consumer;

import io.gpufleet.telemetry.testkit.PostgresServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/** A HAProxy that forwards connections to the writable one of two servers. */
final class HaProxy {
    /** The property with the path of the program. */
    static final String PROGRAM = "telemetry.haproxy";

    /** A start message of protocol version 3.0, and a query: a writable server answers the role check with off. */
    private static final String HELLO = "00030000" + text("user") + text("postgres") + "00";

    private static final String QUERY = text("SHOW transaction_read_only");
    private static final String OFF = "440000000d0001000000036f6666";

    private HaProxy() {}

    static Proxy start(PostgresServer first, PostgresServer second, Path directory) throws IOException {
        int port = Proxy.freePort();
        Path file = Files.writeString(
                Files.createTempDirectory(directory, "haproxy").resolve("haproxy.cfg"),
                """
                defaults
                    mode tcp
                    timeout connect 2s
                    timeout client 1h
                    timeout server 1h
                listen postgres
                    bind 127.0.0.1:%d
                    option tcp-check
                    tcp-check connect
                    tcp-check send-binary %s
                    tcp-check expect binary 5a0000000549
                    tcp-check send-binary %s
                    tcp-check expect binary %s
                    default-server check inter 200ms fall 1 rise 1
                    server first 127.0.0.1:%d
                    server second 127.0.0.1:%d
                """.formatted(port, message(HELLO), "51" + message(QUERY), OFF, first.port(), second.port()));
        return new Proxy(
                port, file.resolveSibling("log"), List.of(System.getProperty(PROGRAM), "-f", file.toString(), "-db"));
    }

    private static String text(String ascii) {
        return HexFormat.of().formatHex(ascii.getBytes(StandardCharsets.US_ASCII)) + "00";
    }

    /** Returns the body in hexadecimal digits, after its length, which includes itself. */
    private static String message(String body) {
        return "%08x".formatted(4 + body.length() / 2) + body;
    }
}

package io.gpufleet.telemetry.integration.consumer;

import io.gpufleet.telemetry.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A program between the consumer and the database, with the same port over restarts. Belongs to the thread of the test.
 */
final class Proxy implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String HOST = "127.0.0.1";

    private final int port;
    private final Path log;
    private final List<String> command;
    private Process process;

    /** Starts the program and waits until it listens on the port. */
    Proxy(int port, Path log, List<String> command) throws IOException {
        this.port = port;
        this.log = log;
        this.command = command;
        start();
    }

    /**
     * Returns a free port outside of the range for outgoing connections, which could take it while the program is down.
     */
    static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(16_384, 32_768);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Taken: try the next one.
            }
        }
    }

    int port() {
        return port;
    }

    /** Starts the program again after {@link #kill()}. */
    void start() throws IOException {
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        Await.until("a connection to " + command + ":\n" + Files.readString(log), LIMIT, this::listens);
    }

    private boolean listens() throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return process.isAlive();
        }
    }

    /** Kills the program (SIGKILL), and all connections with it. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }

    /** Returns the JDBC URL of a database behind it, for the superuser. */
    String jdbcUrl(String database, String parameters) {
        return "jdbc:postgresql://" + HOST + ":" + port + "/" + database + "?user=postgres" + parameters;
    }

    @Override
    public void close() {
        kill();
    }
}

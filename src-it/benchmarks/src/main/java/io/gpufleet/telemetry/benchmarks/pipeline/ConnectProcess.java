package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import java.io.IOException;
import java.io.Writer;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * A worker of Kafka Connect in a JVM and with a class path of its own, which ends with this JVM. It lives through all
 * rounds, as warm as the rows that run in this JVM; its connectors come and go. Owned by one thread.
 */
final class ConnectProcess {
    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final double NANOS_PER_SECOND = 1e9;

    private final ForkedJvm jvm;
    private final URI connectors;
    private final HttpClient http = HttpClient.newHttpClient();
    private int linesBefore;

    private ConnectProcess(ForkedJvm jvm, URI connectors) {
        this.jvm = jvm;
        this.connectors = connectors;
    }

    /** Starts a worker with these jars and waits until it accepts connectors. */
    static ConnectProcess start(Path jars, Map<String, String> settings) throws IOException {
        Path directory = Files.createTempDirectory("telemetry-connect-");
        Path offsets = directory.resolve("offsets");
        Path file = directory.resolve("worker.properties");
        String address = "http://localhost:" + freePort();
        Map<String, String> worker = new HashMap<>(settings);
        worker.put("listeners", address);
        worker.put("offset.storage.file.filename", offsets.toString());
        write(worker, file);
        List.of(directory, file, offsets).forEach(path -> path.toFile().deleteOnExit());
        ForkedJvm jvm = ForkedJvm.builder("org.apache.kafka.connect.cli.ConnectStandalone")
                .classPath(jars.resolve("*").toString())
                .longLived()
                .jvmArguments("-Xmx2g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error")
                .arguments(file.toString())
                .start();
        ConnectProcess process = new ConnectProcess(jvm, URI.create(address + "/connectors/"));
        process.awaitStart();
        return process;
    }

    private void awaitStart() {
        Await.until("Connect answers", START_LIMIT, () -> {
            HttpRequest request = HttpRequest.newBuilder(connectors).build();
            return http.send(request, BodyHandlers.ofString()).statusCode() == HttpURLConnection.HTTP_OK;
        });
    }

    private static void write(Map<String, String> settings, Path file) throws IOException {
        Properties properties = new Properties();
        properties.putAll(settings);
        try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            properties.store(writer, null);
        }
    }

    /** Starts a connector. */
    void create(String name, Map<String, String> settings) throws IOException, InterruptedException {
        linesBefore = jvm.errors().size();
        String json = settings.entrySet().stream()
                .map(setting -> "\"" + setting.getKey() + "\":\"" + setting.getValue() + "\"")
                .collect(Collectors.joining(",", "{", "}"));
        send(HttpRequest.newBuilder(connectors.resolve(name + "/config"))
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(json)));
    }

    /** Ends a connector. */
    void delete(String name) throws IOException, InterruptedException {
        send(HttpRequest.newBuilder(connectors.resolve(name)).DELETE());
    }

    private void send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() >= HttpURLConnection.HTTP_BAD_REQUEST) {
            throw new IllegalStateException("Connect answers " + response.statusCode() + ": " + response.body());
        }
    }

    /** Returns its CPU time so far. */
    double cpuSeconds() {
        return ProcessHandle.of(jvm.pid())
                        .map(ProcessHandle::info)
                        .flatMap(ProcessHandle.Info::totalCpuDuration)
                        .map(Duration::toNanos)
                        .orElse(0L)
                / NANOS_PER_SECOND;
    }

    /**
     * Returns the failure since the start of the connector, if there is one: the worker runs on when a connector fails.
     */
    Optional<String> failure() {
        List<String> all = jvm.errors();
        List<String> lines = all.subList(Math.min(linesBefore, all.size()), all.size());
        boolean failed = !jvm.isAlive() || lines.stream().anyMatch(line -> line.contains(" ERROR "));
        return failed ? Optional.of(String.join("\n", lines)) : Optional.empty();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

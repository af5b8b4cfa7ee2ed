package io.gpufleet.telemetry.examples.rest.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.rest.RunningApi;
import io.gpufleet.telemetry.examples.rest.StoredFleet;
import io.gpufleet.telemetry.examples.rest.TelemetryApi;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The end of a process with open streams. */
@TelemetryStackTest
@Timeout(180)
final class StreamProcessTest {
    private static final String TOPIC = "stream-of-a-process";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration LONGEST_END = Duration.ofSeconds(17);
    private static final int CLIENTS = 20;

    private static ForkedJvm start(TelemetryStack stack, String topic) {
        return ForkedJvm.builder(TelemetryApi.class)
                .environment("TELEMETRY_API_KEYS", "tests=" + RunningApi.KEY)
                .arguments(
                        "--port=0",
                        "--database-url=" + StoredFleet.create(stack).database().jdbcUrl(),
                        "--bootstrap-server=" + stack.bootstrapServers(),
                        "--topic=" + topic)
                .start();
    }

    private static int port(ForkedJvm service) {
        String line = service.awaitLine("Answering on ", LIMIT);
        return Integer.parseInt(line.replaceFirst(".*127\\.0\\.0\\.1:(\\d+) .*", "$1"));
    }

    @Test
    void terminatedProcess_endsItsStreamsInTime_withCodeZeroAndWithoutAWord(TelemetryStack stack) throws IOException {
        stack.createTopic(TOPIC, 1);
        try (ForkedJvm service = start(stack, TOPIC)) {
            int port = port(service);
            List<SseClient> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new SseClient(port, "", "", RunningApi.KEY).beginLive());
            }
            String begin = clients.get(0).lastId();
            for (int first = 0; first < 20_000; first += 500) {
                stack.publish(TOPIC, List.of(StreamTest.record("GPU-a", first, 500)));
            }
            clients.get(0).next();
            // Neither reads: one is behind on its way to the live end, the others on it.
            clients.add(new SseClient(port, "", begin, RunningApi.KEY).begin());
            long start = System.nanoTime();
            service.terminate();
            assertThat(service.awaitExit(LIMIT)).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONGEST_END);
            assertThat(service.errors()).isEmpty();
            for (SseClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void clientsThatLeaveAProcess_areNoLine(TelemetryStack stack) throws IOException {
        String topic = TOPIC + "-left";
        stack.createTopic(topic, 1);
        try (ForkedJvm service = start(stack, topic)) {
            int port = port(service);
            for (int round = 0; round < 3; round++) {
                List<SseClient> clients = new ArrayList<>();
                for (int i = 0; i < 33; i++) {
                    clients.add(new SseClient(port, "", i % 3 == 0 ? "0:0" : "", RunningApi.KEY).begin());
                }
                stack.publish(topic, StreamTest.records("GPU-a", 0, 500));
                for (SseClient client : clients) {
                    client.next();
                    client.close();
                }
                stack.publish(topic, StreamTest.records("GPU-a", 0, 500));
            }
            List<SseClient> all = new ArrayList<>();
            Await.until("room for all", LIMIT, () -> all.size() == 100 || joins(port, all));
            for (SseClient client : all) {
                client.close();
            }
            assertThat(service.errors()).isEmpty();
        }
    }

    private static boolean joins(int port, List<SseClient> all) {
        try {
            while (all.size() < 100) {
                SseClient client = new SseClient(port, "", "", RunningApi.KEY);
                if (client.status() != 200) {
                    client.close();
                    return false;
                }
                all.add(client);
            }
            return true;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}

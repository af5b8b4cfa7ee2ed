package io.gpufleet.telemetry.examples.rest.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.examples.rest.stream.SseClient.Event;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.TestRecord;
import io.gpufleet.telemetry.testkit.faults.TcpProxy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Clients that do not take their events, beside others that do: 5,000 samples a second, for some seconds, or as many as
 * {@code -Dstream.seconds} says; then the heap is looked at, too.
 */
class SlowClientTest {
    private static final int SECONDS = Integer.getInteger("stream.seconds", 4);
    private static final boolean IS_LONG = SECONDS >= 30;
    private static final int RATE = 5_000;
    private static final int BATCH = 50;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static KafkaBroker broker;

    @BeforeAll
    static void startBroker() {
        broker = KafkaBroker.builder().start();
    }

    @AfterAll
    static void closeBroker() {
        broker.close();
    }

    private static StreamServer server(String topic) throws Exception {
        broker.createTopic(topic, 1);
        StreamLimits limits =
                IS_LONG ? StreamLimits.DEFAULT : new StreamLimits(10, 5_000, 2 << 20, Duration.ofSeconds(2));
        return StreamServer.start(broker.bootstrapServers(), topic, limits);
    }

    private static void publish(String topic, long samples) {
        long start = System.nanoTime();
        for (long first = 0; first < samples; first += BATCH) {
            String json = LongStream.range(first, first + BATCH)
                    .mapToObj(value -> StreamTest.sample("GPU-1", value))
                    .collect(Collectors.joining(",", "[", "]"));
            broker.publish(topic, List.of(TestRecord.of(null, json.getBytes(UTF_8), Instant.now())));
            long due = start + (first + BATCH) * 1_000_000_000L / RATE;
            LockSupport.parkNanos(due - System.nanoTime());
        }
    }

    /** Reads all samples; returns the longest delay of one in milliseconds. */
    private static long readAll(SseClient client, long samples, AtomicLong longest) {
        try (client) {
            for (long value = 0; value < samples; value++) {
                Event event = client.next();
                assertThat(event.value()).isEqualTo(value);
                Instant time = Instant.parse(event.json().get("timestamp").asText());
                longest.accumulateAndGet(Duration.between(time, Instant.now()).toMillis(), Math::max);
            }
            return samples;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void slowClient_isClosedAndHoldsUpNobody() throws Exception {
        long samples = (long) SECONDS * RATE;
        AtomicLong longest = new AtomicLong();
        try (StreamServer server = server("slow");
                SseClient slow = server.connect().beginLive()) {
            List<CompletableFuture<Long>> readers = readers(server, samples, longest);
            long before = heap();
            publish("slow", samples);
            for (CompletableFuture<Long> reader : readers) {
                assertThat(reader.join()).isEqualTo(samples);
            }
            Await.until("all clients to be gone", LIMIT, () -> server.clients() == 0);
            assertThat(longest.get()).isLessThan(IS_LONG ? 1_000 : 5_000);
            report(longest.get(), before);
            requireResumption(server, slow, samples);
        }
    }

    private static List<CompletableFuture<Long>> readers(StreamServer server, long samples, AtomicLong longest)
            throws IOException {
        List<CompletableFuture<Long>> readers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            SseClient client = server.connect().beginLive();
            readers.add(CompletableFuture.supplyAsync(
                    () -> readAll(client, samples, longest), task -> new Thread(task, "reader").start()));
        }
        return readers;
    }

    private static void report(long longest, long before) {
        if (IS_LONG) {
            long grown = heap() - before;
            System.out.println("longest delay " + longest + " ms, heap grew by " + grown / 1024 + " KiB");
            assertThat(grown).isLessThan(16L << 20);
        }
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** The client reads what was on its way, and returns for the rest. */
    private static void requireResumption(StreamServer server, SseClient slow, long samples) throws IOException {
        AtomicLong next = new AtomicLong();
        assertThatThrownBy(() -> {
                    while (true) {
                        assertThat(slow.next().value()).isEqualTo(next.getAndIncrement());
                    }
                })
                .isInstanceOf(IOException.class);
        assertThat(next.get()).isBetween(1L, samples - 1);
        try (SseClient back = server.connect("", slow.lastId())) {
            while (next.get() < samples) {
                assertThat(back.next().value()).isEqualTo(next.getAndIncrement());
            }
        }
    }

    @Test
    void vanishedClient_isClosed() throws Exception {
        long samples = (long) SECONDS * RATE;
        try (StreamServer server = server("vanished");
                TcpProxy proxy = TcpProxy.start(server.port());
                SseClient vanished = new SseClient(proxy.port(), "", "").beginLive()) {
            proxy.hold();
            publish("vanished", samples);
            Await.until("client to be gone", LIMIT, () -> server.clients() == 0);
            assertThat(vanished.status()).isEqualTo(200);
        }
    }

    @Test
    void brokerAway_leavesTheStreamsOpenAndLosesNothing() throws Exception {
        try (KafkaBroker own = KafkaBroker.builder().start()) {
            own.createTopic("away", 1);
            try (StreamServer server = StreamServer.start(own.bootstrapServers(), "away", StreamServer.QUICK);
                    SseClient client = server.connect().beginLive();
                    SseClient filtering = server.connect("?gpu=gpu-1", "").beginLive();
                    SseClient resumed = server.connect("", client.lastId()).begin()) {
                List<SseClient> clients = List.of(client, filtering, resumed);
                own.publish("away", List.of(StreamTest.record("GPU-1", 0, 20)));
                requireValues(clients, 0, 20);
                own.stop();
                for (SseClient waiting : clients) {
                    waiting.awaitComments(waiting.comments() + 2);
                }
                try (SseClient another = server.connect().begin()) {
                    assertThat(another.status()).isEqualTo(200);
                }
                own.start();
                own.publish("away", List.of(StreamTest.record("GPU-1", 20, 30)));
                requireValues(clients, 20, 50);
            }
        }
    }

    private static void requireValues(List<SseClient> clients, long from, long to) throws IOException {
        for (SseClient client : clients) {
            for (long value = from; value < to; value++) {
                assertThat(client.next().value()).isEqualTo(value);
            }
        }
    }
}

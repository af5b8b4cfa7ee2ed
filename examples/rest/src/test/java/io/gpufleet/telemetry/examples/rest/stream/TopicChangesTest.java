package io.gpufleet.telemetry.examples.rest.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.rest.stream.SseClient.Event;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.catalina.LifecycleException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A topic that changes under its clients. */
@Timeout(120)
class TopicChangesTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final AtomicInteger TOPICS = new AtomicInteger();

    private static KafkaBroker broker;

    private final String topic = "changing-" + TOPICS.incrementAndGet();
    private StreamServer server;

    @BeforeAll
    static void startBroker() {
        broker = KafkaBroker.builder().start();
    }

    @AfterAll
    static void closeBroker() {
        broker.close();
    }

    @BeforeEach
    void start() throws IOException, LifecycleException {
        broker.createTopic(topic, 2);
        server = StreamServer.start(broker.bootstrapServers(), topic, StreamServer.QUICK);
    }

    @AfterEach
    void close() throws LifecycleException {
        server.close();
    }

    private static Set<Long> values(SseClient client, int count) throws IOException {
        Set<Long> values = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            Event event = client.next();
            assertThat(event.name()).isEqualTo("sample");
            assertThat(values.add(event.value())).as("%s once", event).isTrue();
        }
        return values;
    }

    private static Set<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 40})
    void recreatedTopic_endsTheStreamsOfItsClients(int samples) throws IOException {
        List<SseClient> clients = new ArrayList<>();
        for (String query : List.of("", "", "?gpu=GPU-a")) {
            clients.add(server.connect(query, "").beginLive());
        }
        broker.publish(topic, StreamTest.records("GPU-a", 0, 20));
        for (SseClient client : clients) {
            assertThat(values(client, 20)).isEqualTo(range(0, 20));
        }
        broker.deleteTopic(topic);
        broker.createTopic(topic, 2);
        broker.publish(topic, StreamTest.records("GPU-a", 100, samples));
        for (SseClient client : clients) {
            try (client) {
                assertThat(client.isAtEnd()).isTrue();
            }
            requireReturn(client.lastId());
        }
    }

    private void requireReturn(String id) throws IOException {
        try (SseClient back = server.connect("", id)) {
            Event gap = back.next();
            assertThat(gap.name()).isEqualTo("gap");
            assertThat(gap.json().get("reason").asText()).contains("another topic");
            broker.publish(topic, StreamTest.records("GPU-a", 200, 1));
            assertThat(back.next().value()).isEqualTo(200);
        }
    }

    @Test
    void addedPartition_isReadFromItsBeginning_forAllClients() throws IOException {
        try (SseClient live = server.connect().beginLive()) {
            String id = idBehind(2);
            assertThat(values(live, 2)).isEqualTo(range(0, 2));
            broker.addPartitions(topic, 3);
            publishToTheThird();
            int count = (int) sum() - 2;
            assertThat(values(live, count)).isEqualTo(range(1_000, 1_000 + count));
            try (SseClient back = server.connect("", id)) {
                assertThat(values(back, count)).isEqualTo(range(1_000, 1_000 + count));
                broker.publish(topic, StreamTest.records("GPU-a", 5, 1));
                assertThat(values(back, 1)).isEqualTo(range(5, 6));
            }
        }
    }

    /** Returns the last id of a client that has read the first samples. */
    private String idBehind(int samples) throws IOException {
        try (SseClient client = server.connect().beginLive()) {
            broker.publish(topic, StreamTest.records("GPU-a", 0, samples));
            assertThat(values(client, samples)).isEqualTo(range(0, samples));
            return client.lastId();
        }
    }

    @Test
    void addedPartition_isReadByAClientThatReturnedBefore() throws IOException {
        String id = idBehind(2);
        try (SseClient kept = server.connect().beginLive();
                SseClient back = server.connect("", id).begin()) {
            broker.addPartitions(topic, 3);
            publishToTheThird();
            int count = (int) sum() - 2;
            assertThat(values(back, count)).isEqualTo(range(1_000, 1_000 + count));
            assertThat(values(kept, count)).isEqualTo(range(1_000, 1_000 + count));
        }
    }

    /** A key may fall into any partition. */
    private void publishToTheThird() {
        AtomicInteger next = new AtomicInteger(1_000);
        Await.until("a record in the third partition", LIMIT, () -> {
            int value = next.getAndIncrement();
            broker.publish(topic, StreamTest.records("GPU-" + value, value, 1));
            return broker.endOffsets(topic).getOrDefault(2, 0L) >= 3;
        });
    }

    private long sum() {
        return broker.endOffsets(topic).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }
}

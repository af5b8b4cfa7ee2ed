package io.gpufleet.telemetry.examples.rest.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gpufleet.telemetry.examples.rest.stream.SseClient.Event;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.TestRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
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
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class StreamTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final AtomicInteger TOPICS = new AtomicInteger();

    /** Values are numbers of samples: a counter takes any. */
    private static final String METRIC = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION";

    private static KafkaBroker broker;

    private final String topic = "stream-" + TOPICS.incrementAndGet();
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

    static String sample(String uuid, long value) {
        return "{\"timestamp\":\"" + Instant.now() + "\",\"metric_name\":\"" + METRIC + "\",\"uuid\":\"" + uuid
                + "\",\"value\":" + value + ",\"Hostname\":\"n1\",\"device\":\"nvidia3\"}";
    }

    /** Returns a record of consecutive values. */
    static TestRecord record(String uuid, long first, int samples) {
        String json = LongStream.range(first, first + samples)
                .mapToObj(value -> sample(uuid, value))
                .collect(Collectors.joining(",", "[", "]"));
        return TestRecord.of(uuid.getBytes(UTF_8), json.getBytes(UTF_8), Instant.now());
    }

    static List<TestRecord> records(String uuid, long first, int count) {
        return LongStream.range(first, first + count)
                .mapToObj(value -> record(uuid, value, 1))
                .toList();
    }

    private void publish(TestRecord... records) {
        broker.publish(topic, Arrays.asList(records));
    }

    private static List<Long> values(SseClient client, int count) throws IOException {
        List<Long> values = new ArrayList<>();
        while (values.size() < count) {
            Event event = client.next();
            assertThat(event.name()).isEqualTo("sample");
            values.add(event.value());
        }
        return values;
    }

    private static Long[] range(long from, long to) {
        return LongStream.range(from, to).boxed().toArray(Long[]::new);
    }

    @Test
    void headers_comeAtOnceWithAComment() throws IOException {
        long start = System.nanoTime();
        try (SseClient client = server.connect().begin()) {
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.headers())
                    .containsEntry("content-type", "text/event-stream;charset=UTF-8")
                    .containsEntry("cache-control", "no-store")
                    .containsEntry("x-accel-buffering", "no")
                    .doesNotContainKeys("content-encoding", "etag", "content-length");
        }
    }

    @Test
    void comments_comeWhileNothingElseDoes() throws IOException {
        try (SseClient client = server.connect().begin()) {
            long start = System.nanoTime();
            client.awaitComments(3);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofSeconds(3), Duration.ofSeconds(8));
        }
    }

    @Test
    void sample_isOneLineOfJsonInTheFieldsOfTelemetry() throws IOException {
        try (SseClient client = server.connect().beginLive()) {
            Instant time = Instant.parse("2026-03-01T12:00:00.123456Z").plus(Duration.ofDays(270));
            String json = "{\"timestamp\":\"" + time + "\",\"metric_name\":\"DCGM_FI_DEV_GPU_TEMP\",\"gpu_id\":3,"
                    + "\"device\":\"nvidia3\",\"uuid\":\"GPU-1\",\"modelName\":\"H100\",\"Hostname\":\"n1\",\"container\":\"c\","
                    + "\"pod\":\"p\",\"namespace\":\"ns\",\"value\":61.5,\"labels_raw\":{\"job\":\"two\\nlines\"}}";
            publish(TestRecord.of(null, json.getBytes(UTF_8), time));
            Event event = client.next();
            JsonNode data = event.json();
            assertThat(event.name()).isEqualTo("sample");
            assertThat(event.id()).matches("0:[01],1:[01]@[A-Za-z0-9_-]{8}");
            assertThat(data.properties().stream().map(java.util.Map.Entry::getKey))
                    .containsExactly(
                            "timestamp",
                            "metric_name",
                            "gpu_id",
                            "device",
                            "uuid",
                            "modelName",
                            "Hostname",
                            "container",
                            "pod",
                            "namespace",
                            "value",
                            "labels_raw");
            assertThat(data.get("timestamp").asText()).isEqualTo(time.toString());
            assertThat(data.get("gpu_id").asInt()).isEqualTo(3);
            assertThat(data.get("value").asDouble()).isEqualTo(61.5);
            assertThat(data.get("labels_raw").get("job").asText()).isEqualTo("two\nlines");
        }
    }

    @Test
    void unreadableRecords_areLeftOut() throws IOException {
        try (SseClient client = server.connect().beginLive()) {
            publish(
                    TestRecord.of("abc".getBytes(UTF_8)),
                    TestRecord.of(new byte[0], null, Instant.now()),
                    record("GPU-1", 7, 1));
            assertThat(client.next().value()).isEqualTo(7);
        }
    }

    @Test
    void filter_byGpuPlaceAndMetric() throws IOException {
        try (SseClient byUuid = server.connect("?gpu=gpu-b", "").beginLive();
                SseClient byPlace = server.connect("?gpu=nvidia3:n1", "").beginLive();
                SseClient byMetric = server.connect("?metric=dcgm_total_energy_consumption", "")
                        .beginLive();
                SseClient byOther = server.connect("?metric=GPU_TEMP_CELSIUS&metric=DCGM_FI_DEV_FB_USED", "")
                        .beginLive()) {
            publish(record("GPU-a", 1, 1), record("GPU-b", 2, 1));
            String before = byOther.lastId();
            assertThat(byUuid.next().value()).isEqualTo(2);
            assertThat(values(byPlace, 2)).containsExactlyInAnyOrder(1L, 2L);
            assertThat(values(byMetric, 2)).containsExactlyInAnyOrder(1L, 2L);
            assertThat(byOther.awaitId(before).lastId()).isNotEqualTo(before);
        }
    }

    @Test
    void resumption_inTheMiddleOfARecord_givesEachSampleOnce() throws IOException {
        String id;
        try (SseClient client = server.connect().beginLive()) {
            publish(record("GPU-a", 0, 3), record("GPU-a", 3, 3), record("GPU-a", 6, 3), record("GPU-a", 9, 9));
            assertThat(values(client, 15)).containsExactly(range(0, 15));
            id = client.lastId();
        }
        assertThat(id).containsPattern("[01]:3\\.6");
        List<TestRecord> more = new ArrayList<>(records("GPU-a", 18, 40));
        more.addAll(records("GPU-z", 1_000, 60));
        broker.publish(topic, more);
        try (SseClient client = server.connect("", id)) {
            List<Long> values = values(client, 103);
            assertThat(values.stream().filter(value -> value < 1_000)).containsExactly(range(15, 58));
            assertThat(values.stream().filter(value -> value >= 1_000)).containsExactly(range(1_000, 1_060));
            publish(record("GPU-a", 58, 1));
            assertThat(client.next().value()).isEqualTo(58);
        }
    }

    @Test
    void resumption_withAFilterBehindManyOthers_isRightFromAnOldAndFromANewId() throws IOException {
        String first;
        String last;
        try (SseClient client = server.connect("?gpu=GPU-u", "").beginLive()) {
            publish(record("GPU-u", 1, 1));
            assertThat(client.next().value()).isEqualTo(1);
            first = client.lastId();
            broker.publish(topic, records("GPU-v", 0, 10_000));
            String id = first;
            while (Places.parse(id).orElseThrow().byPartition().values().stream()
                            .mapToLong(Place::offset)
                            .sum()
                    < 10_001) {
                id = client.awaitId(id).lastId();
            }
            last = id;
        }
        publish(record("GPU-u", 2, 1));
        for (String id : List.of(first, last)) {
            try (SseClient client = server.connect("?gpu=GPU-u", id)) {
                assertThat(client.next().value()).isEqualTo(2);
            }
        }
    }

    @Test
    void resumption_behindTheBeginningOfTheLog_beginsWithAGap() throws IOException {
        broker.publish(topic, records("GPU-a", 0, 20));
        int partition = broker.endOffsets(topic).get(0) == 20 ? 0 : 1;
        broker.deleteRecordsBefore(topic, partition, 12);
        try (SseClient client = server.connect("", partition == 0 ? "0:5,1:0" : "0:0,1:5")) {
            Event gap = client.next();
            assertThat(gap.name()).isEqualTo("gap");
            assertThat(gap.json().get("partition").asInt()).isEqualTo(partition);
            assertThat(gap.json().get("from").asLong()).isEqualTo(5);
            assertThat(gap.json().get("to").asLong()).isEqualTo(12);
            assertThat(values(client, 8)).containsExactly(range(12, 20));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0:999,1:0 | 0 |",
                "0:0,1:0,2:0 | 2 |",
                "0:-1,1:0 | 0 |",
                "0:9223372036854775808,1:0 | 0 |",
                "abc | | no id",
                "0:0,1:0@anotherX | | another topic"
            })
    void resumption_thatDoesNotFit_isToldAndGoesOnLive(String id, Integer partition, String reason) throws IOException {
        try (SseClient client = server.connect("", id)) {
            Event gap = client.next();
            assertThat(gap.name()).isEqualTo("gap");
            assertThat(gap.json().get("partition").isNull()).isEqualTo(partition == null);
            assertThat(gap.json().get("partition").asInt()).isEqualTo(partition == null ? 0 : partition);
            assertThat(gap.json().get("reason").asText()).contains(reason == null ? "" : reason);
            publish(record("GPU-a", 1, 1));
            assertThat(client.next().value()).isEqualTo(1);
        }
    }

    /** Partition p has two records of three samples, q has none. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "p:1,q:0@tag | 3 |",
                "q:0,p:1@tag | 3 |",
                "p:1@tag | 3 |",
                "p:1,q:0 | 3 |",
                "p:1.2,q:0 | 5 |",
                "p:0.9,q:0 | 3 |",
                "p:1.9,q:0 | 9 |",
                "000p:01,q:0 | 3 |",
                "p:1 | 3 | no offset of partition q",
                "q:0 | 9 | no offset of partition p",
                "p:2.5,q:0 | 9 | the topic ends at 2",
                "p:1,p:1,q:0 | 9 | no id",
                "p:1,p:2 | 9 | no id",
                "p:1, q:0 | 9 | no id",
                "p:1,q:0, | 9 | no id",
                "p:1;q:0 | 9 | no id",
                "p:1.,q:0 | 9 | no id",
                "p:1.-1,q:0 | 9 | no id",
                "p:+1,q:0 | 9 | no id",
                "p:1,q:0@ | 9 | no id",
                "p:1,q:0@tag@tag | 9 | no id",
                "p%3A1%2Cq%3A0 | 9 | no id",
                "p:\u0661,q:0 | 9 | no id",
                "p:1.9999999999,q:0 | 9 | no id",
                "p:1,q:0,9999999999:0 | 9 | no id",
                "p:1,q:0,999999999:0 | 3 | no partition 999999999"
            })
    void resumption_withOtherFormsOfAnId_isRightOrTold(String form, long first, String reason) throws IOException {
        publish(record("GPU-a", 0, 3), record("GPU-a", 3, 3));
        String full = broker.endOffsets(topic).get(0) == 2 ? "0" : "1";
        String empty = full.equals("0") ? "1" : "0";
        String tag;
        try (SseClient client = server.connect().beginLive()) {
            tag = client.lastId().substring(client.lastId().indexOf('@') + 1);
        }
        String id = form.replace("p", full).replace("q", empty).replace("tag", tag);
        try (SseClient client = server.connect("", id)) {
            if (reason != null) {
                Event gap = client.next();
                assertThat(gap.name()).isEqualTo("gap");
                assertThat(gap.json().get("reason").asText())
                        .contains(reason.replace("partition p", "partition " + full)
                                .replace("partition q", "partition " + empty));
            }
            if (first == 9) {
                client.awaitId(id);
                publish(record("GPU-a", 9, 1));
            }
            assertThat(client.next().value()).isEqualTo(first);
        }
    }

    @Test
    void resumption_withAnotherFilter_givesWhatThatOneHasMissed() throws IOException {
        String id;
        try (SseClient client = server.connect("?gpu=GPU-a", "").beginLive()) {
            publish(record("GPU-a", 0, 3));
            assertThat(values(client, 2)).containsExactly(0L, 1L);
            id = client.lastId();
        }
        publish(record("GPU-a", 3, 2), record("GPU-b", 10, 2));
        try (SseClient client = server.connect("?gpu=GPU-b", id)) {
            assertThat(values(client, 2)).containsExactly(10L, 11L);
        }
        try (SseClient client = server.connect("?gpu=nvidia3:n1", id)) {
            assertThat(values(client, 5)).containsExactlyInAnyOrder(2L, 3L, 4L, 10L, 11L);
        }
        try (SseClient client = server.connect("?gpu=GPU-none", id).begin()) {
            publish(record("GPU-a", 5, 1));
            assertThat(client.awaitId(id).lastId()).isNotEqualTo(id);
        }
    }

    @Test
    void recreatedTopic_endsTheStreamAndIsToldOnReturn() throws IOException {
        String id;
        try (SseClient client = server.connect().beginLive()) {
            publish(record("GPU-a", 1, 1));
            assertThat(client.next().value()).isEqualTo(1);
            id = client.lastId();
        }
        broker.deleteTopic(topic);
        broker.createTopic(topic, 2);
        Await.until("clients to be gone", LIMIT, () -> server.clients() == 0);
        try (SseClient client = server.connect("", id)) {
            assertThat(client.next().name()).isEqualTo("gap");
            publish(record("GPU-a", 5, 1));
            assertThat(client.next().value()).isEqualTo(5);
        }
    }

    @Test
    void limit_ofClients_refusesAndForgetsThoseWhoLeft() throws Exception {
        StreamLimits three = new StreamLimits(3, 100, 1 << 20, Duration.ofSeconds(2));
        try (StreamServer small = StreamServer.start(broker.bootstrapServers(), topic, three)) {
            List<SseClient> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                clients.add(small.connect().begin());
            }
            try (SseClient fourth = small.connect()) {
                assertThat(fourth.status()).isEqualTo(503);
            }
            for (SseClient client : clients) {
                client.close();
            }
            Await.until("clients to be gone", LIMIT, () -> small.clients() == 0);
            try (SseClient next = small.connect().begin()) {
                assertThat(next.status()).isEqualTo(200);
            }
        }
    }

    @Test
    void cuts_anywhereWhileSamplesCome_loseNothingAndRepeatNothing() throws Exception {
        int samples = 6_000;
        Thread publishing = new Thread(() -> {
            for (int first = 0; first < samples; first += 30) {
                List<TestRecord> batch = new ArrayList<>();
                for (int value = first; value < first + 30; value += 5) {
                    batch.add(record("GPU-" + value % 7, value, 5));
                }
                broker.publish(topic, batch);
            }
        });
        try (SseClient begun = server.connect().beginLive()) {
            String id = begun.lastId();
            publishing.start();
            for (int cut : new int[] {1, 7, 500, 2}) {
                List<Long> values = readWithCuts(id, cut, samples);
                assertThat(values).hasSize(samples).doesNotHaveDuplicates();
                assertThat(new TreeSet<>(values)).last().isEqualTo(samples - 1L);
            }
        }
        publishing.join();
    }

    private List<Long> readWithCuts(String from, int cut, int samples) throws IOException {
        List<Long> values = new ArrayList<>();
        String id = from;
        int length = cut;
        while (values.size() < samples) {
            try (SseClient client = server.connect("", id)) {
                int most = Math.min(length, samples - values.size());
                values.addAll(values(client, most));
                id = client.lastId();
            }
            length = length * 2 + 1;
        }
        return values;
    }

    @Test
    void clientsThatLeave_leaveNothingBehind() throws IOException {
        int rounds = Integer.getInteger("stream.leaving", 20);
        try (SseClient first = server.connect().beginLive()) {
            publish(record("GPU-a", 0, 1));
            first.next();
        }
        Await.until("first client to be gone", LIMIT, () -> server.clients() == 0);
        Set<String> before = threads();
        for (int i = 1; i <= rounds; i++) {
            try (SseClient client = server.connect().beginLive()) {
                publish(record("GPU-a", i, 1));
                assertThat(client.next().value()).isEqualTo(i);
            }
        }
        Await.until("clients to be gone", LIMIT, () -> server.clients() == 0);
        Await.until("threads to end", LIMIT, () -> before.containsAll(threads()));
        try (SseClient next = server.connect().begin()) {
            assertThat(next.status()).isEqualTo(200);
        }
    }

    @Test
    void clientsThatLeave_areNoWarning() throws IOException {
        try (CapturedLog log = new CapturedLog(
                SampleStreams.class, StreamHub.class, StreamClient.class, LiveReader.class, Exchange.class)) {
            List<SseClient> clients = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                clients.add(server.connect("", i % 5 == 0 ? "0:0,1:0" : "").begin());
            }
            List<TestRecord> records = records("GPU-a", 0, 2_000);
            broker.publish(topic, records);
            for (SseClient client : clients) {
                client.next();
                client.close();
            }
            broker.publish(topic, records);
            Await.until("clients to be gone", LIMIT, () -> server.clients() == 0);
            assertThat(log.lines()).isEmpty();
        }
    }

    /** The container's own threads wait for the next request. */
    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.contains("stream"))
                .filter(name -> !name.matches("http-nio.*"))
                .collect(Collectors.toSet());
    }
}

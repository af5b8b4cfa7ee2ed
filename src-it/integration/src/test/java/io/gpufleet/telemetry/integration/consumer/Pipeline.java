package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.KafkaTopics;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A topic, a consumer group and a database of one test, and the heartbeats between them. Not thread-safe. */
final class Pipeline {
    static final Duration LIMIT = Duration.ofSeconds(60);

    /** A member of a classic group hears of a rebalance with its next heartbeat: after 20 seconds by default. */
    static final Map<String, ?> HEARS_SOON = Map.of("heartbeat.interval.ms", 500);

    private final KafkaTopics kafka;
    private final Database database;
    private final String topic;
    private final Iterator<FleetRecord> fleet;
    private final List<FleetRecord> published = new ArrayList<>();

    Pipeline(KafkaTopics kafka, Database database, String topic) {
        this(kafka, database, topic, FleetGenerator.builder());
    }

    Pipeline(KafkaTopics kafka, Database database, String topic, FleetGenerator.Builder fleet) {
        this(kafka, database, topic, fleet.build().stream().iterator());
    }

    private Pipeline(KafkaTopics kafka, Database database, String topic, Iterator<FleetRecord> fleet) {
        this.kafka = kafka;
        this.database = database;
        this.topic = topic;
        this.fleet = fleet;
    }

    /** Returns the same fleet and database with a topic of the same name in another cluster. */
    Pipeline at(KafkaTopics otherCluster) {
        return new Pipeline(otherCluster, database, topic, fleet);
    }

    /** Creates a topic and a database in the shared stack. */
    static Pipeline create(TelemetryStack stack, String topic, int partitions) {
        stack.createTopic(topic, partitions);
        return new Pipeline(stack.kafka(), Database.of(stack), topic);
    }

    String topic() {
        return topic;
    }

    String group() {
        return topic + "-group";
    }

    KafkaTopics kafka() {
        return kafka;
    }

    Database database() {
        return database;
    }

    /** Returns the number of good published records. */
    long accepted() {
        return published.stream().filter(r -> r.kind() == FleetRecord.Kind.GOOD).count();
    }

    /** Returns the number of published records that must become dead letters. */
    long refused() {
        return published.size() - accepted();
    }

    List<FleetRecord> published() {
        return List.copyOf(published);
    }

    /** Publishes the next records of the fleet. */
    void publish(int count) {
        List<FleetRecord> next = Stream.generate(fleet::next).limit(count).toList();
        kafka.publish(topic, next);
        published.addAll(next);
    }

    /** Sends values without keys and waits until they are acknowledged. */
    void send(int count, IntFunction<byte[]> value) {
        send(IntStream.range(0, count)
                .mapToObj(number -> new ProducerRecord<byte[], byte[]>(topic, value.apply(number)))
                .toList());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the flush waits, and the ends of the logs show the result
    void send(List<ProducerRecord<byte[], byte[]>> records) {
        long before = kafka.endOffsets(topic).values().stream()
                .mapToLong(Long::longValue)
                .sum();
        ByteArraySerializer serializer = new ByteArraySerializer();
        Map<String, Object> properties =
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "max.request.size", Integer.MAX_VALUE);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(properties, serializer, serializer)) {
            records.forEach(producer::send);
            producer.flush();
        }
        assertThat(kafka.endOffsets(topic).values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .as("all were sent")
                .isEqualTo(before + records.size());
    }

    /** Returns a sink of heartbeats with an audit of the applied ones. */
    PostgresSink.Builder<Heartbeat> sink() {
        return HeartbeatSink.builder(database.source()).inTransaction(new Audit<>());
    }

    BatchingConsumer.Builder<Heartbeat> consumer() {
        return consumer(sink().build());
    }

    /** Returns a consumer that writes soon, retries soon, and hears of a rebalance soon. */
    BatchingConsumer.Builder<Heartbeat> consumer(Sink<Heartbeat> sink) {
        return HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), sink)
                .validator(HeartbeatValidator.builder().anyAge().build())
                .bootstrapServers(kafka.bootstrapServers())
                .topics(topic)
                .groupId(group())
                .overrides(HEARS_SOON)
                .batching(BatchPolicy.builder().linger(Duration.ofMillis(50)).build())
                .retry(RetryPolicy.builder()
                        .initialBackoff(Duration.ofMillis(20))
                        .maxBackoff(Duration.ofMillis(200))
                        .build());
    }

    /** Consumes all records with a consumer. */
    void consumeAll() {
        try (BatchingConsumer consumer = consumer().start()) {
            awaitEnd();
        }
    }

    /** Returns the stored positions. */
    Map<Integer, Long> positions() {
        Map<Integer, Long> positions = new TreeMap<>();
        database.rows("SELECT partition, next_offset FROM consumer_offsets WHERE group_id = '" + group()
                        + "' AND topic = '" + topic + "'")
                .forEach(row ->
                        positions.put(Integer.valueOf(row.split(" ", -1)[0]), Long.valueOf(row.split(" ", -1)[1])));
        return positions;
    }

    /** Waits until the stored positions are at the ends of the logs. */
    void awaitEnd() {
        Await.until("the positions are the ends", LIMIT, () -> positions().equals(kafka.endOffsets(topic)));
    }

    /** Waits until the health has a status, and returns it. */
    static Health awaitHealth(BatchingConsumer consumer, Health.Status status) {
        return Await.until("the health is " + status, LIMIT, consumer::health, health -> health.status() == status);
    }

    void awaitPositions(Map<Integer, Long> expected) {
        Await.until("the positions are " + expected, LIMIT, this::positions, expected::equals);
    }

    void awaitApplied(long records) {
        Await.until("applied records are " + records, LIMIT, () -> database.count("audit"), n -> n == records);
    }

    /** Checks that as many heartbeats as expected were applied, none twice, and that the statistics match them. */
    void assertApplied(long heartbeats) {
        assertThat(database.count("audit")).as("applied").isEqualTo(heartbeats);
        assertThat(database.count("heartbeat")).as("heartbeats").isEqualTo(heartbeats);
        assertThat(HeartbeatInvariant.check(database.source())).matches(HeartbeatInvariant.Result::holds, "holds");
    }

    /** Returns the gaps as "partition reason from to". */
    List<String> gaps() {
        return database.rows("SELECT partition, reason, from_offset, to_offset FROM consumption_gaps"
                + " WHERE group_id = '" + group() + "' ORDER BY id");
    }
}

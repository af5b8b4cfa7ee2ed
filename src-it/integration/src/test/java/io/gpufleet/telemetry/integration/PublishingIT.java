package io.gpufleet.telemetry.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.kafka.producer.HeartbeatPublisher;
import io.gpufleet.telemetry.kafka.producer.TelemetryPublisher;
import io.gpufleet.telemetry.kafka.topic.TopicInstaller;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.apache.kafka.clients.producer.Partitioner;
import org.apache.kafka.common.Cluster;
import org.junit.jupiter.api.Test;

/** A heartbeat arrives once, even if its agent sends it again. */
@TelemetryStackTest
final class PublishingIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void resent_heartbeats_are_dropped_as_duplicates(TelemetryStack stack) {
        TopicInstaller.builder(stack.bootstrapServers(), "published")
                .partitions(3)
                .install();
        DataSource database = stack.newDatabase().dataSource();
        TelemetrySchema.create(database).install();
        Instant time = Instant.now();
        try (HeartbeatPublisher publisher = publisher(stack, "published")) {
            publishAll(publisher, time);
            publishAll(publisher, time);
        }
        try (BatchingConsumer consumer = HeartbeatConsumer.builder(
                        BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(database))
                .bootstrapServers(stack.bootstrapServers())
                .topics("published")
                .groupId("publishing")
                .start()) {
            Await.until(
                    "both rounds are written",
                    LIMIT,
                    () -> consumer.snapshot().counts().deliveriesWritten(),
                    written -> written == 200);
            assertThat(consumer.snapshot().counts().duplicatesDropped()).isEqualTo(100);
            assertThat(consumer.snapshot().counts().deadLetters()).isZero();
        }
    }

    /** A host's own type, codec, key and partitioner. */
    @Test
    void values_of_any_type_are_published(TelemetryStack stack) {
        stack.createTopic("doors", 3);
        Instant time = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        List<Door> doors = IntStream.range(0, 100)
                .mapToObj(number -> new Door("door-" + number, time.plusMillis(number)))
                .toList();
        try (TelemetryPublisher<Door> publisher = TelemetryPublisher.builder(
                        new DoorCodec(), stack.bootstrapServers(), "doors")
                .key(Door::name)
                .time(Door::openedAt)
                .throughput()
                .overrides(Map.of("partitioner.class", LastPartition.class.getName()))
                .build()) {
            CompletableFuture.allOf(doors.stream().map(publisher::send).toArray(CompletableFuture[]::new))
                    .join();
        }
        assertThat(stack.kafka().endOffsets("doors")).isEqualTo(Map.of(0, 0L, 1, 0L, 2, 100L));
        assertThat(consumed(stack, doors.size())).containsExactlyElementsOf(doors);
    }

    private static List<Door> consumed(TelemetryStack stack, int count) {
        List<Door> doors = new CopyOnWriteArrayList<>();
        Sink<Door> sink = batch -> batch.deliveries().forEach(delivery -> {
            Door door = delivery.value();
            assertThat(delivery.source().key().orElseThrow()).asString().isEqualTo(door.name());
            assertThat(delivery.source().timestamp()).contains(door.openedAt());
            doors.add(door);
        });
        try (BatchingConsumer consumer = BatchingConsumer.builder(new DoorCodec(), sink)
                .bootstrapServers(stack.bootstrapServers())
                .topics("doors")
                .groupId("doors-group")
                .discardDeadLetters()
                .start()) {
            Await.until("all doors are consumed", LIMIT, () -> doors.size() == count);
            assertThat(consumer.snapshot().counts().deadLetters()).isZero();
        }
        return doors;
    }

    private record Door(String name, Instant openedAt) {}

    private static final class DoorCodec implements Codec<Door> {
        @Override
        public int encodedSize(Door door) {
            return Long.BYTES + door.name().getBytes(StandardCharsets.UTF_8).length;
        }

        @Override
        public void encode(Door door, ByteBuffer target) {
            target.putLong(door.openedAt().toEpochMilli());
            target.put(door.name().getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public Door decode(ByteBuffer source) {
            Instant time = Instant.ofEpochMilli(source.getLong());
            return new Door(StandardCharsets.UTF_8.decode(source).toString(), time);
        }
    }

    /** Kafka creates it by its name. */
    public static final class LastPartition implements Partitioner {
        @Override
        public int partition(
                String topic, Object key, byte[] keyBytes, Object value, byte[] valueBytes, Cluster cluster) {
            return cluster.partitionCountForTopic(topic) - 1;
        }

        @Override
        public void configure(Map<String, ?> settings) {}

        @Override
        public void close() {}
    }

    private static void publishAll(HeartbeatPublisher publisher, Instant time) {
        List<CompletableFuture<Void>> sent = IntStream.range(0, 100)
                .mapToObj(client -> publisher.send(heartbeat(client), time))
                .toList();
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
    }

    @Test
    void nothing_is_lost_while_the_broker_is_down() throws Exception {
        try (KafkaBroker broker = KafkaBroker.builder().forked().start()) {
            broker.createTopic("down", 1);
            try (HeartbeatPublisher publisher = HeartbeatPublisher.builder(
                            BincodeHeartbeatCodec.fixed(), broker.bootstrapServers())
                    .topic("down")
                    .build()) {
                publisher.send(heartbeat(1), Instant.now()).get(30, TimeUnit.SECONDS);
                broker.kill();
                CompletableFuture<Void> waiting = CompletableFuture.runAsync(
                        () -> publisher.send(heartbeat(2), Instant.now()).join());
                broker.start();
                waiting.get(60, TimeUnit.SECONDS);
                assertThat(broker.endOffsets("down")).containsEntry(0, 2L);
            }
        }
    }

    /** A broker refuses a whole request because of one heartbeat with a wrong time. */
    @Test
    void neighbours_of_a_refused_heartbeat_arrive(TelemetryStack stack) {
        stack.createTopic("neighbours", 1);
        Instant time = Instant.now();
        List<CompletableFuture<Void>> sent;
        long unsent;
        HeartbeatPublisher publisher = publisher(stack, "neighbours");
        try {
            sent = IntStream.range(0, 200)
                    .mapToObj(client -> publisher.send(heartbeat(client), client == 100 ? hoursAhead(time) : time))
                    .toList();
        } finally {
            unsent = publisher.close(LIMIT);
        }
        assertThat(unsent).isZero();
        assertThat(sent).allMatch(CompletableFuture::isDone);
        assertThat(sent).filteredOn(CompletableFuture::isCompletedExceptionally).containsExactly(sent.get(100));
        assertThatThrownBy(sent.get(100)::join)
                .hasCauseInstanceOf(TelemetryException.class)
                .hasMessageContaining("was not sent to neighbours")
                .hasMessageContaining("Timestamp");
        assertThat(stack.kafka().endOffsets("neighbours")).isEqualTo(Map.of(0, 199L));
    }

    private static Instant hoursAhead(Instant time) {
        return time.plus(Duration.ofHours(2));
    }

    @Test
    void unknown_topic_fails_and_is_named(TelemetryStack stack) throws Exception {
        try (HeartbeatPublisher publisher = HeartbeatPublisher.builder(
                        BincodeHeartbeatCodec.fixed(), stack.bootstrapServers())
                .topic("nowhere")
                .overrides(Map.of("max.block.ms", 3_000))
                .build()) {
            FutureTask<CompletableFuture<Void>> sending =
                    new FutureTask<>(() -> publisher.send(heartbeat(1), Instant.now()));
            Thread sender = new Thread(sending, "sender");
            sender.setDaemon(true);
            sender.start();
            CompletableFuture<Void> sent = sending.get(60, TimeUnit.SECONDS);
            assertThatThrownBy(sent::join)
                    .hasCauseInstanceOf(TelemetryException.class)
                    .hasMessageContaining("the cluster has no such topic")
                    .hasMessageContaining("nowhere");
        }
    }

    @Test
    void unsent_heartbeats_are_counted_at_close() {
        HeartbeatPublisher publisher = HeartbeatPublisher.builder(BincodeHeartbeatCodec.fixed(), "localhost:1")
                .overrides(Map.of("max.block.ms", 100))
                .build();
        CompletableFuture<Void> sent = publisher.send(heartbeat(1), Instant.now());
        assertThatThrownBy(sent::join)
                .hasCauseInstanceOf(TelemetryException.class)
                .hasMessageContaining("was not sent to client-heartbeats");
        assertThat(publisher.close(Duration.ofMillis(100))).isZero();
    }

    @Test
    void existing_topic_is_left_as_it_is(TelemetryStack stack) {
        TopicInstaller.Builder installer = TopicInstaller.builder(stack.bootstrapServers(), "installed")
                .partitions(2)
                .replication(1);
        assertThat(installer.install()).isTrue();
        assertThat(installer.partitions(5).install()).isFalse();
        assertThat(stack.kafka().endOffsets("installed")).hasSize(2);
    }

    @Test
    void impossible_topic_is_named(TelemetryStack stack) {
        TopicInstaller.Builder installer =
                TopicInstaller.builder(stack.bootstrapServers(), "too-many").replication(7);
        assertThatThrownBy(installer::install)
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("Topic too-many was not created at " + stack.bootstrapServers())
                .hasMessageContaining("7");
    }

    private static HeartbeatPublisher publisher(TelemetryStack stack, String topic) {
        return HeartbeatPublisher.builder(BincodeHeartbeatCodec.fixed(), stack.bootstrapServers())
                .topic(topic)
                .build();
    }

    private static Heartbeat heartbeat(int client) {
        return new Heartbeat(new ClientId(0, client), new SystemInfo(10, 20, 30, 1, 2), 0, 0, 0, List.of());
    }
}

package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent.LagMeasured;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.KafkaCluster;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Two of four partitions are on a broker that is down: the other two are consumed and measured, and those two are
 * named.
 */
@TelemetryStackTest
final class LeaderlessPartitionIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int EACH = 50;

    private static KafkaCluster kafka;
    private static int away;
    private static int there;

    private final Iterator<FleetRecord> fleet =
            FleetGenerator.builder().build().stream().iterator();

    @BeforeAll
    static void start() {
        kafka = KafkaCluster.builder().start();
        there = kafka.activeController();
        away = kafka.nodes().stream().filter(node -> node != there).findFirst().orElseThrow();
    }

    @AfterAll
    static void close() {
        kafka.close();
    }

    @Test
    void brokerThatIsAwayAtTheStart_holdsUpItsPartitionsOnly(TelemetryStack stack) {
        Pipeline pipeline = pipeline(stack, "leaderless-start");
        kafka.stop(away);
        try {
            awaitNoLeader(pipeline);
            RecordedEvents events = new RecordedEvents();
            try (BatchingConsumer consumer =
                    pipeline.consumer().listener(events).start()) {
                Await.until(
                        "the healthy partitions are consumed",
                        SOON,
                        pipeline::positions,
                        positions -> positions.equals(Map.of(0, (long) EACH, 1, (long) EACH)));
                assertNamed(consumer, pipeline.topic());
                assertMeasured(events, pipeline);

                kafka.start(away);
                Await.until(
                        "all are consumed",
                        Pipeline.LIMIT,
                        () -> pipeline.database().count("audit"),
                        n -> n == 4 * EACH);
                Pipeline.awaitHealth(consumer, Health.Status.UP);
            }
        } finally {
            startAgain();
        }
        pipeline.assertApplied(4 * EACH);
        assertThat(pipeline.gaps()).isEmpty();
    }

    @Test
    void brokerThatGoesAwayLater_holdsUpItsPartitionsOnly(TelemetryStack stack) {
        Pipeline pipeline = pipeline(stack, "leaderless-later");
        RecordedEvents events = new RecordedEvents();
        try (BatchingConsumer consumer = pipeline.consumer().listener(events).start()) {
            pipeline.awaitApplied(4 * EACH);
            kafka.stop(away);
            awaitNoLeader(pipeline);
            send(pipeline.topic(), List.of(0, 1));
            pipeline.awaitApplied(6 * EACH);
            assertNamed(consumer, pipeline.topic());
            assertMeasured(events, pipeline);

            kafka.start(away);
            Pipeline.awaitHealth(consumer, Health.Status.UP);
            send(pipeline.topic(), List.of(2, 3));
            pipeline.awaitApplied(8 * EACH);
        } finally {
            startAgain();
        }
        pipeline.assertApplied(8 * EACH);
    }

    /** The partitions 0 and 1 are on a broker that stays up, 2 and 3 on the other one. */
    private Pipeline pipeline(TelemetryStack stack, String topic) {
        kafka.createTopic(
                topic,
                List.of(List.of(there), List.of(there), List.of(away), List.of(away)),
                Map.of("min.insync.replicas", "1"));
        send(topic, List.of(0, 1, 2, 3));
        return new Pipeline(kafka, Database.of(stack), topic);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the flush waits, and the heartbeats are counted
    private void send(String topic, List<Integer> partitions) {
        ByteArraySerializer serializer = new ByteArraySerializer();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(Map.of("bootstrap.servers", kafka.bootstrapServers()), serializer, serializer)) {
            for (int partition : partitions) {
                for (int number = 0; number < EACH; number++) {
                    FleetRecord next = fleet.next();
                    producer.send(new ProducerRecord<>(
                            topic, partition, next.timestamp().toEpochMilli(), next.key(), next.value()));
                }
            }
            producer.flush();
        }
    }

    private static void awaitNoLeader(Pipeline pipeline) {
        Await.until(
                "two partitions have no leader",
                Pipeline.LIMIT,
                () -> kafka.leader(pipeline.topic(), 2).isEmpty()
                        && kafka.leader(pipeline.topic(), 3).isEmpty());
    }

    private static void assertNamed(BatchingConsumer consumer, String topic) {
        Health health = Await.until(
                "the partitions without a leader are named",
                SOON,
                consumer::health,
                seen -> String.join(" ", seen.reasons()).contains(topic + "-2")
                        && String.join(" ", seen.reasons()).contains(topic + "-3"));
        assertThat(health.status()).isEqualTo(Health.Status.DEGRADED);
        assertThat(String.join(" ", health.reasons())).contains("leader").doesNotContain(topic + "-0", topic + "-1");
    }

    private static void assertMeasured(RecordedEvents events, Pipeline pipeline) {
        Set<SourcePartition> measured =
                Set.of(new SourcePartition(pipeline.topic(), 0), new SourcePartition(pipeline.topic(), 1));
        long before = events.of(LagMeasured.class).size();
        Await.until(
                "the lag of the others is measured",
                SOON,
                () -> events.of(LagMeasured.class).stream()
                        .skip(before)
                        .map(lag -> lag.partitions().keySet())
                        .collect(Collectors.toSet()),
                seen -> seen.contains(measured));
    }

    private static void startAgain() {
        if (!kafka.isRunning(away)) {
            kafka.start(away);
        }
    }
}

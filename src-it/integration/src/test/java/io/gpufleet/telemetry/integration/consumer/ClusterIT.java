package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.KafkaCluster;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import io.gpufleet.telemetry.testkit.faults.TcpProxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three brokers with different knowledge, one of which may be down. Each test leaves three running ones. */
@TelemetryStackTest
final class ClusterIT {
    private static final int BEFORE = 100;
    private static final int PIECES = 40;
    private static final int PIECE = 25;
    private static final int ROUNDS = 4;

    private static final Map<String, String> ONE_IN_SYNC = Map.of("min.insync.replicas", "1");

    /** A client learns of another leader, and a member of its group's rebalance, within a second. */
    private static final Map<String, ?> LEARNS_SOON = Map.of("metadata.max.age.ms", 1000, "heartbeat.interval.ms", 500);

    private static KafkaCluster kafka;

    @BeforeAll
    static void start() {
        kafka = KafkaCluster.builder().links(TcpProxy::start).start();
    }

    @AfterAll
    static void close() {
        kafka.close();
    }

    /** The broker that is behind still answers with the old id for the topic's name. */
    @Test
    void topicReplacedWhileABrokerIsBehind_isConsumedOnceFromItsBeginning(TelemetryStack stack) {
        int controller = kafka.activeController();
        int held = node(node -> node != controller);
        int other = node(node -> node != controller && node != held);
        // The admin client for the ends of the logs gets a connection to the broker that will be behind.
        kafka.createTopic("replaced-behind", List.of(List.of(held, other), List.of(controller, other)), ONE_IN_SYNC);
        Pipeline pipeline = new Pipeline(kafka, Database.of(stack), "replaced-behind");
        pipeline.publish(BEFORE);
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            pipeline.awaitEnd();
            kafka.holdBehind(held);
            kafka.deleteTopic(pipeline.topic());
            kafka.createTopic(
                    pipeline.topic(), List.of(List.of(controller, other), List.of(other, controller)), ONE_IN_SYNC);
            pipeline.publish(BEFORE + BEFORE);
            publishInPieces(pipeline);
            Await.until(
                    "the broker that is behind is named",
                    Pipeline.LIMIT,
                    consumer::health,
                    health -> health.reasons().stream()
                            .anyMatch(reason -> reason.contains("broker " + held + " still serves its earlier log")));
            assertThat(pipeline.database().count("audit"))
                    .as("nothing is written while two logs are served")
                    .isEqualTo(BEFORE);
            kafka.letCatchUp(held);
            pipeline.awaitApplied(pipeline.published().size());
            pipeline.awaitEnd();
            pipeline.assertApplied(pipeline.published().size());
            assertThat(pipeline.gaps().stream().map(gap -> gap.split(" ", -1)[1]))
                    .containsExactly("topic_replaced", "topic_replaced");
        } finally {
            kafka.letCatchUp(held);
        }
    }

    /** The broker that is behind no longer leads the log, so its answer about the log's end is wrong. */
    @Test
    void consumersThatJoinWhileABrokerIsBehind_goOnWhereTheyStood(TelemetryStack stack) {
        int controller = kafka.activeController();
        int one = node(node -> node != controller);
        int two = node(node -> node != controller && node != one);
        // A consumer that joins is given two of the four partitions, one of each leader.
        Pipeline pipeline = create(
                stack,
                "joined-behind",
                List.of(List.of(one, two), List.of(two, one), List.of(one, two), List.of(two, one)));
        pipeline.publish(BEFORE);
        pipeline.consumeAll();
        // If the broker behind coordinated the group, it would name itself, and no consumer that asks it could join.
        int held = kafka.coordinator(pipeline.group()) == one ? two : one;
        int other = held == one ? two : one;
        kafka.holdBehind(held);
        try (BatchingConsumer consumer = pipeline.consumer()
                .bootstrapServers(kafka.bootstrapServers(other))
                .start()) {
            for (int round = 0; round < ROUNDS; round++) {
                pipeline.publish(BEFORE);
                pipeline.awaitEnd();
                try (BatchingConsumer joining = pipeline.consumer()
                        .bootstrapServers(kafka.bootstrapServers(held))
                        .overrides(LEARNS_SOON)
                        .start()) {
                    Await.until(
                            "the consumer that joins has partitions",
                            Pipeline.LIMIT,
                            joining::snapshot,
                            snapshot -> snapshot.partitions().size() == 2);
                    pipeline.publish(BEFORE);
                    pipeline.awaitEnd();
                }
            }
            assertExact(pipeline, consumer);
        } finally {
            kafka.letCatchUp(held);
        }
    }

    @Test
    void leaderThatIsKilled_losesNothing(TelemetryStack stack) {
        Pipeline pipeline =
                create(stack, "leader-killed", List.of(List.of(1, 2, 3), List.of(2, 3, 1), List.of(3, 1, 2)));
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            pipeline.publish(BEFORE);
            int leader = kafka.leader(pipeline.topic(), 0).orElseThrow();
            CompletableFuture<Void> load = CompletableFuture.runAsync(() -> publishInPieces(pipeline));
            kafka.kill(leader);
            load.join();
            pipeline.awaitEnd();
            kafka.start(leader);
            kafka.awaitInSync(pipeline.topic());
            pipeline.publish(BEFORE);
            assertExact(pipeline, consumer);
        }
    }

    @Test
    void clusterThatIsRestartedOneByOne_losesNothing(TelemetryStack stack) {
        Pipeline pipeline = create(stack, "rolling", List.of(List.of(1, 2, 3), List.of(2, 3, 1), List.of(3, 1, 2)));
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            for (int node : kafka.nodes()) {
                CompletableFuture<Void> load = CompletableFuture.runAsync(() -> publishInPieces(pipeline));
                kafka.stop(node);
                load.join();
                kafka.start(node);
                kafka.awaitInSync(pipeline.topic());
            }
            assertExact(pipeline, consumer);
        }
    }

    private static Pipeline create(TelemetryStack stack, String topic, List<List<Integer>> replicas) {
        kafka.createTopic(topic, replicas, ONE_IN_SYNC);
        return new Pipeline(kafka, Database.of(stack), topic);
    }

    private static void publishInPieces(Pipeline pipeline) {
        for (int piece = 0; piece < PIECES; piece++) {
            pipeline.publish(PIECE);
        }
    }

    private static void assertExact(Pipeline pipeline, BatchingConsumer consumer) {
        pipeline.awaitEnd();
        pipeline.assertApplied(pipeline.published().size());
        assertThat(pipeline.gaps()).isEmpty();
        Await.until(
                "the consumer is UP again",
                Pipeline.LIMIT,
                consumer::health,
                health -> health.status() == Health.Status.UP);
    }

    private static int node(IntPredicate wanted) {
        return kafka.nodes().stream().filter(wanted::test).findFirst().orElseThrow();
    }
}

package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.KafkaCluster;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three brokers that do not know the same, one of which may be away. Each test leaves three that run. */
@TelemetryStackTest
final class ClusterIT {
    private static final int BEFORE = 100;
    private static final int PIECES = 40;
    private static final int PIECE = 25;

    private static final Map<String, String> ONE_IN_SYNC = Map.of("min.insync.replicas", "1");

    private static KafkaCluster kafka;

    @BeforeAll
    static void start() {
        kafka = KafkaCluster.builder().start();
    }

    @AfterAll
    static void close() {
        kafka.close();
    }

    /** The broker that is behind goes on giving the old id for the topic's name, to anybody who asks it. */
    @Test
    void topicReplacedWhileABrokerIsBehind_isConsumedOnceFromItsBeginning(TelemetryStack stack) {
        int controller = kafka.activeController();
        int held = node(node -> node != controller);
        int other = node(node -> node != controller && node != held);
        // Whoever asks for the ends of the logs has a connection to the broker that will be behind.
        kafka.createTopic("replaced-behind", List.of(List.of(held, other), List.of(controller, other)), ONE_IN_SYNC);
        Pipeline pipeline = new Pipeline(kafka, new Database(stack.newDatabase().dataSource()), "replaced-behind");
        pipeline.publish(BEFORE);
        try (BatchingConsumer<Heartbeat> consumer = pipeline.consumer().start()) {
            pipeline.awaitEnd();
            kafka.holdBehind(held);
            kafka.deleteTopic(pipeline.topic());
            kafka.createTopic(
                    pipeline.topic(), List.of(List.of(controller, other), List.of(other, controller)), ONE_IN_SYNC);
            pipeline.publish(BEFORE + BEFORE);
            for (int piece = 0; piece < PIECES; piece++) {
                pipeline.publish(PIECE);
            }
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

    private static int node(IntPredicate wanted) {
        return kafka.nodes().stream().filter(wanted::test).findFirst().orElseThrow();
    }
}

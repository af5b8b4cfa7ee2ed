package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.TelemetryEvent.RecordRefused;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.producer.DeadLetterTopic;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import io.gpufleet.telemetry.testkit.faults.TcpProxy;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/** A sink without positions: Kafka's committed offset is the position, dead letters have their own target. */
@TelemetryStackTest
final class PlainSinkIT {
    private final Collection<Long> offsets = new ConcurrentLinkedQueue<>();
    private final Sink<Heartbeat> sink =
            batch -> batch.deliveries().forEach(delivery -> offsets.add(delivery.offset()));

    @Test
    void deadLetters_goToTheirTopic(TelemetryStack stack) {
        Pipeline pipeline = damaged(stack, "plain");
        stack.createTopic("plain-invalid", 1);
        try (DeadLetterTopic deadLetters = DeadLetterTopic.builder(stack.bootstrapServers(), pipeline.group())
                        .build();
                BatchingConsumer consumer =
                        pipeline.consumer(sink).deadLetters(deadLetters).start()) {
            awaitCommitted(pipeline);
        }
        assertThat(stack.kafka().endOffsets("plain-invalid")).containsEntry(0, pipeline.refused());
        assertThat(offsets).hasSize((int) pipeline.accepted()).doesNotHaveDuplicates();
    }

    @Test
    void secondStart_goesOnAtTheCommittedOffset(TelemetryStack stack) {
        Pipeline pipeline = damaged(stack, "plain-restarted");
        consumeDiscarding(pipeline, new RecordedEvents());
        pipeline.publish(100);
        consumeDiscarding(pipeline, new RecordedEvents());
        assertThat(offsets).hasSize((int) pipeline.accepted()).doesNotHaveDuplicates();
    }

    /** A late commit of an offset of the old log must not count for the new log. */
    @Test
    void topicRecreatedUnderTraffic_isDeliveredWhole(TelemetryStack stack) {
        stack.createTopic("plain-recreated", 1);
        Pipeline pipeline = new Pipeline(stack.kafka(), Database.of(stack), "plain-recreated");
        try (BatchingConsumer consumer =
                pipeline.consumer(sink).discardDeadLetters().start()) {
            pipeline.publish(25);
            awaitCommitted(pipeline);
            pipeline.publish(25);
            Await.until("the first log is delivered", Pipeline.LIMIT, offsets::size, size -> size == 50);
            pipeline.kafka().deleteTopic(pipeline.topic());
            pipeline.kafka().createTopic(pipeline.topic(), 1);
            awaitLateCommit(pipeline);
            offsets.clear();
            pipeline.publish(2_000);
            Await.until(
                    "the new log is delivered", Pipeline.LIMIT, () -> Set.copyOf(offsets), all -> all.size() == 2_000);
        }
    }

    /**
     * Commits follow a write by a second; on a slow machine this one may have come before the deletion of the topic.
     */
    private static void awaitLateCommit(Pipeline pipeline) {
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", pipeline.kafka().bootstrapServers()))) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
            Await.until(
                    "the old log's offset is committed, or was before",
                    Pipeline.LIMIT,
                    () -> System.nanoTime() > deadline
                            || !admin.listConsumerGroupOffsets(pipeline.group())
                                    .partitionsToOffsetAndMetadata()
                                    .get(10, TimeUnit.SECONDS)
                                    .isEmpty());
        }
    }

    @Test
    void discardedDeadLetters_areTold(TelemetryStack stack) {
        Pipeline pipeline = damaged(stack, "plain-discarding");
        RecordedEvents events = new RecordedEvents();
        consumeDiscarding(pipeline, events);
        assertThat(events.of(RecordRefused.class)).hasSize((int) pipeline.refused());
    }

    @Test
    void deadLettersWithoutAWay_areWaitedForAndNotLost(TelemetryStack stack) {
        try (TcpProxy way = TcpProxy.start();
                KafkaBroker elsewhere =
                        KafkaBroker.builder().proxied(way.port()).start()) {
            way.passTo(elsewhere.proxiedPort());
            elsewhere.createTopic("plain-cut-off-invalid", 1);
            Pipeline pipeline = damaged(stack, "plain-cut-off");
            try (DeadLetterTopic deadLetters = DeadLetterTopic.builder("127.0.0.1:" + way.port(), pipeline.group())
                            .overrides(Map.of("delivery.timeout.ms", 2_000, "request.timeout.ms", 1_000))
                            .build();
                    BatchingConsumer consumer =
                            pipeline.consumer(sink).deadLetters(deadLetters).start()) {
                awaitCommitted(pipeline);
                way.refuse();
                pipeline.publish(300);
                Await.until(
                        "the consumer reports it",
                        Pipeline.LIMIT,
                        consumer::health,
                        health -> health.status() == Health.Status.DEGRADED);
                way.heal();
                awaitCommitted(pipeline);
            }
            assertThat(elsewhere.endOffsets("plain-cut-off-invalid").get(0))
                    .as("at least once each")
                    .isGreaterThanOrEqualTo(pipeline.refused());
            assertThat(Set.copyOf(offsets)).hasSize((int) pipeline.accepted());
        }
    }

    private void consumeDiscarding(Pipeline pipeline, RecordedEvents events) {
        try (BatchingConsumer consumer =
                pipeline.consumer(sink).discardDeadLetters().listener(events).start()) {
            awaitCommitted(pipeline);
        }
    }

    @Test
    void start_failsWithoutAPlaceForDeadLetters(TelemetryStack stack) {
        Pipeline pipeline = damaged(stack, "plain-undecided");
        assertThatThrownBy(() -> pipeline.consumer(sink).start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("deadLetters: missing")
                .hasMessageContaining("discardDeadLetters()");
    }

    private static Pipeline damaged(TelemetryStack stack, String topic) {
        stack.createTopic(topic, 1);
        Pipeline pipeline = new Pipeline(
                stack.kafka(),
                Database.of(stack),
                topic,
                FleetGenerator.builder().damageRate(0.05).refusalRate(0.05));
        pipeline.publish(300);
        assertThat(pipeline.refused()).isPositive();
        return pipeline;
    }

    private static void awaitCommitted(Pipeline pipeline) {
        Await.until(
                "all is committed",
                Pipeline.LIMIT,
                () -> pipeline.kafka().committedLag(pipeline.group(), pipeline.topic()) == 0);
    }
}

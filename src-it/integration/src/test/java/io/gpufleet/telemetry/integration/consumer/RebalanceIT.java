package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.TelemetryEvent.PartitionsRevoked;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Partitions move between two consumers while records flow. */
@TelemetryStackTest
final class RebalanceIT {
    private static final int PARTITIONS = 4;

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void consumersThatJoinAndLeave_applyEveryRecordOnce(String protocol, TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "moving-" + protocol, PARTITIONS);
        try (BatchingConsumer stays = start(pipeline, protocol)) {
            for (int round = 0; round < 2; round++) {
                pipeline.publish(1000);
                try (BatchingConsumer leaves = start(pipeline, protocol)) {
                    pipeline.publish(1000);
                    awaitPartitions(leaves, PARTITIONS / 2);
                    pipeline.publish(1000);
                    awaitPartitions(stays, PARTITIONS / 2);
                }
                pipeline.publish(1000);
                awaitPartitions(stays, PARTITIONS);
            }
            pipeline.awaitEnd();
        }
        pipeline.assertApplied(8000);
        assertThat(pipeline.kafka().committedLag(pipeline.group(), pipeline.topic()))
                .isZero();
    }

    private static BatchingConsumer start(Pipeline pipeline, String protocol) {
        return pipeline.consumer()
                .concurrency(2)
                .overrides(protocol.equals("classic") ? Pipeline.HEARS_SOON : Map.of("group.protocol", protocol))
                .start();
    }

    private static void awaitPartitions(BatchingConsumer consumer, int count) {
        Await.until(
                "partitions of " + consumer,
                Pipeline.LIMIT,
                () -> consumer.snapshot().partitions().size(),
                size -> size == count);
    }

    @Test
    void revocation_waitsForTheTransactionInFlight(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "revoked", 2);
        pipeline.publish(100);
        Valve<Heartbeat> valve = new Valve<>();
        valve.close();
        RecordedEvents events = new RecordedEvents();
        PostgresSink<Heartbeat> held = pipeline.sink().inTransaction(valve).build();
        try (BatchingConsumer first =
                pipeline.consumer(held).concurrency(2).listener(events).start()) {
            valve.awaitHeld(2);
            try (BatchingConsumer second = pipeline.consumer().start()) {
                awaitSmallerAssignment(pipeline);
                assertThat(events.of(PartitionsRevoked.class)).isEmpty();
                valve.open();
                awaitPartitions(second, 1);
                assertThat(events.of(PartitionsRevoked.class)).hasSize(1);
                pipeline.awaitEnd();
                assertThat(first.snapshot().counts().fences()).isZero();
                assertThat(second.snapshot().counts().fences()).isZero();
            }
        }
        pipeline.assertApplied(100);
    }

    /** Waits until the group has taken a partition from the first consumer, which may not know it yet. */
    private static void awaitSmallerAssignment(Pipeline pipeline) {
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", pipeline.kafka().bootstrapServers()))) {
            Await.until(
                    "one of two members has one of two partitions",
                    Pipeline.LIMIT,
                    () -> members(admin, pipeline.group()).stream()
                            .map(member -> member.assignment().topicPartitions().size())
                            .sorted()
                            .toList(),
                    List.of(0, 1)::equals);
        }
    }

    private static List<MemberDescription> members(Admin admin, String group) throws Exception {
        return List.copyOf(admin.describeConsumerGroups(List.of(group))
                .all()
                .get(10, TimeUnit.SECONDS)
                .get(group)
                .members());
    }
}

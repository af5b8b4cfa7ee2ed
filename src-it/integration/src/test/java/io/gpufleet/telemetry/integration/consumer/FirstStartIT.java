package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** The start of a group without a position. */
@TelemetryStackTest
final class FirstStartIT {
    private static final Map<String, ?> SEES_TOPICS_SOON = Map.of("metadata.max.age.ms", 1000);

    @Test
    void recordsOfBeforeTheStart_areApplied(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "before-the-start", 4);
        pipeline.publish(500);
        pipeline.consumeAll();
        pipeline.publish(500);
        pipeline.consumeAll();
        pipeline.assertApplied(1000);
        assertThat(pipeline.gaps()).isEmpty();
    }

    @Test
    void latest_leavesAGapBeforeTheStart(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "latest", 1);
        pipeline.publish(100);
        pipeline.kafka().deleteRecordsBefore(pipeline.topic(), 0, 20);
        try (BatchingConsumer consumer =
                pipeline.consumer().resetPolicy(ResetPolicy.LATEST).start()) {
            pipeline.awaitEnd();
            pipeline.publish(30);
            pipeline.awaitEnd();
        }
        assertThat(pipeline.gaps()).containsExactly("0 start 20 100");
        pipeline.assertApplied(30);
    }

    @Test
    void latest_consumesAddedPartitionsFromTheirBeginning(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "added-partitions", 1);
        pipeline.publish(100);
        try (BatchingConsumer consumer =
                pipeline.consumer().resetPolicy(ResetPolicy.LATEST).start()) {
            pipeline.awaitEnd();
            pipeline.kafka().addPartitions(pipeline.topic(), 4);
            pipeline.publish(400);
            pipeline.awaitEnd();
            assertThat(pipeline.positions())
                    .hasSize(4)
                    .allSatisfy((p, next) -> assertThat(next).isPositive());
        }
        assertThat(pipeline.gaps()).containsExactly("0 start 0 100");
        pipeline.assertApplied(400);
    }

    @Test
    void none_stopsAndStoresNothing(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "none", 1);
        BatchingConsumer consumer =
                pipeline.consumer().resetPolicy(ResetPolicy.NONE).start();
        assertThatThrownBy(() -> consumer.termination().get(30, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("none-0 has no stored position, and the reset policy is NONE");
        assertThat(pipeline.positions()).isEmpty();
    }

    @Test
    void groupOffsets_areAdoptedOnce(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "adopted", 1);
        pipeline.publish(100);
        commit(pipeline, 40);
        consumeAllAdopting(pipeline);
        pipeline.assertApplied(60);
        commit(pipeline, 10);
        pipeline.publish(20);
        consumeAllAdopting(pipeline);
        pipeline.assertApplied(80);
        assertThat(pipeline.gaps()).containsExactly("0 adopted 0 40");
    }

    /** A call that stays in the code must not skip records that an older copy of the database has lost. */
    @Test
    void ownGroupOffsets_areNotAdoptedAfterAFailover(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "not-adopted-again", 2);
        pipeline.publish(100);
        consumeAllAdopting(pipeline);
        pipeline.database()
                .execute("TRUNCATE consumer_offsets, consumption_gaps, heartbeat, audit,"
                        + " client_daily_stats, device_daily_stats, system_info, device_info");
        consumeAllAdopting(pipeline);
        pipeline.assertApplied(100);
        assertThat(pipeline.gaps()).isEmpty();
    }

    @Test
    void groupOffsets_doNotCountUnasked(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "not-adopted", 1);
        pipeline.publish(100);
        commit(pipeline, 40);
        pipeline.consumeAll();
        pipeline.assertApplied(100);
    }

    private static void consumeAllAdopting(Pipeline pipeline) {
        try (BatchingConsumer consumer = pipeline.consumer().adoptGroupOffsets().start()) {
            pipeline.awaitEnd();
        }
    }

    private static void commit(Pipeline pipeline, long offset) {
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", pipeline.kafka().bootstrapServers()))) {
            Map<TopicPartition, OffsetAndMetadata> offsets =
                    Map.of(new TopicPartition(pipeline.topic(), 0), new OffsetAndMetadata(offset));
            Await.until("the group takes offsets", Pipeline.LIMIT, () -> {
                admin.alterConsumerGroupOffsets(pipeline.group(), offsets).all().get(10, TimeUnit.SECONDS);
                return true;
            });
        }
    }

    @Test
    void topicMadeAfterTheStart_isConsumed(TelemetryStack stack) {
        Pipeline pipeline = new Pipeline(stack.kafka(), Database.of(stack), "made-later");
        try (BatchingConsumer consumer =
                pipeline.consumer().overrides(SEES_TOPICS_SOON).start()) {
            Await.until(
                    "the missing topic is told",
                    Pipeline.LIMIT,
                    () -> consumer.health().reasons(),
                    reasons -> reasons.toString().contains("made-later does not exist"));
            stack.createTopic(pipeline.topic(), 2);
            pipeline.publish(100);
            pipeline.awaitEnd();
            Await.until(
                    "nothing is wrong",
                    Pipeline.LIMIT,
                    () -> consumer.health().reasons().isEmpty());
        }
        pipeline.assertApplied(100);
    }
}

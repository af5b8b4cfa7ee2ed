package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What was consumed already changes nothing when it is consumed again. */
@TelemetryStackTest
final class ReplayIT {
    private static final String REWIND = "UPDATE consumer_offsets SET next_offset = 0";

    @Test
    void positionResetWhileStopped_changesNothing(TelemetryStack stack) {
        Pipeline pipeline = consumed(stack, "replay-while-stopped");
        List<String> before = everything(pipeline);
        pipeline.database().execute(REWIND);
        pipeline.consumeAll();
        assertThat(everything(pipeline)).isEqualTo(before);
    }

    @Test
    void gapOfAReplay_isRecordedOnce(TelemetryStack stack) {
        Pipeline pipeline = consumed(stack, "replay-of-a-gap");
        pipeline.kafka().deleteRecordsBefore(pipeline.topic(), 0, 100);
        pipeline.database().execute(REWIND);
        pipeline.consumeAll();
        assertThat(pipeline.gaps()).containsExactly("0 expired 0 100");
        List<String> before = everything(pipeline);
        pipeline.database().execute(REWIND);
        pipeline.consumeAll();
        assertThat(everything(pipeline)).isEqualTo(before);
    }

    @Test
    void positionResetWhileRunning_fencesTheNextWrite(TelemetryStack stack) {
        Pipeline pipeline = consumed(stack, "replay-while-running");
        try (BatchingConsumer<Heartbeat> consumer = pipeline.consumer().start()) {
            Await.until(
                    "the partitions are consumed",
                    Pipeline.LIMIT,
                    () -> consumer.snapshot().partitions().size() == 2);
            List<String> before = pipeline.database().heartbeatTables();
            pipeline.database().execute(REWIND);
            pipeline.kafka().publish(pipeline.topic(), pipeline.published());
            pipeline.awaitEnd();
            assertThat(consumer.snapshot().counts().fences()).isPositive();
            Await.until(
                    "all that was read again, and all that was published again, is dropped",
                    Pipeline.LIMIT,
                    () -> consumer.snapshot().counts().duplicatesDropped(),
                    dropped -> dropped == 2 * pipeline.accepted());
            assertThat(pipeline.database().heartbeatTables()).isEqualTo(before);
            assertThat(pipeline.gaps()).isEmpty();
            assertThat(pipeline.database().count("dead_letters"))
                    .as("one a refused record, those published again among them")
                    .isEqualTo(2 * pipeline.refused());
        }
    }

    @Test
    void secondGroup_hasPositionsAndDeadLettersOfItsOwn(TelemetryStack stack) {
        Pipeline pipeline = consumed(stack, "replay-by-a-second-group");
        List<String> before = pipeline.database().heartbeatTables();
        try (BatchingConsumer<Heartbeat> consumer = pipeline.consumer(
                        HeartbeatSink.create(pipeline.database().source()))
                .groupId("second-group")
                .start()) {
            Await.until(
                    "the second group is where the first one is",
                    Pipeline.LIMIT,
                    () -> ofGroup(pipeline, "consumer_offsets", "second-group", "partition, next_offset"),
                    ofGroup(pipeline, "consumer_offsets", pipeline.group(), "partition, next_offset")::equals);
        }
        assertThat(pipeline.database().heartbeatTables()).isEqualTo(before);
        assertThat(ofGroup(pipeline, "dead_letters", "second-group", "partition, kafka_offset, stage, reasons, value"))
                .hasSize(Math.toIntExact(pipeline.refused()))
                .isEqualTo(ofGroup(
                        pipeline, "dead_letters", pipeline.group(), "partition, kafka_offset, stage, reasons, value"));
    }

    private static List<String> ofGroup(Pipeline pipeline, String table, String group, String columns) {
        return pipeline.database()
                .rows("SELECT " + columns + " FROM " + table + " WHERE group_id = '" + group + "' ORDER BY 1, 2");
    }

    /** Two partitions with damaged and refused records among the good ones, all consumed. */
    private static Pipeline consumed(TelemetryStack stack, String topic) {
        stack.createTopic(topic, 2);
        FleetGenerator.Builder fleet =
                FleetGenerator.builder().clients(30).damageRate(0.05).refusalRate(0.05);
        Pipeline pipeline =
                new Pipeline(stack.kafka(), new Database(stack.newDatabase().dataSource()), topic, fleet);
        pipeline.publish(1000);
        pipeline.consumeAll();
        pipeline.assertApplied(pipeline.accepted());
        assertThat(pipeline.database().count("dead_letters"))
                .isEqualTo(pipeline.refused())
                .isPositive();
        return pipeline;
    }

    /** Returns all rows but those of the audit, without the times of their last change. */
    private static List<String> everything(Pipeline pipeline) {
        List<String> all = new ArrayList<>(pipeline.database().heartbeatTables());
        for (String table : List.of("dead_letters", "consumption_gaps")) {
            all.addAll(pipeline.database().rows("SELECT to_jsonb(t) FROM " + table + " AS t ORDER BY id"));
        }
        return all;
    }
}

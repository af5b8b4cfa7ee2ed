package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.ConsumerSnapshot;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/** Records that are consumed again change nothing. */
@TelemetryStackTest
final class ReplayIT {
    private static final int RECORDS = 1000;
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
        List<String> before = pipeline.database().heartbeatTables();
        BatchPolicy oneMoreThanAll = BatchPolicy.builder()
                .maxRecords(RECORDS + 1)
                .linger(Duration.ofHours(1))
                .build();
        try (BatchingConsumer consumer =
                pipeline.consumer().batching(oneMoreThanAll).start()) {
            pipeline.kafka().publish(pipeline.topic(), pipeline.published());
            await("all is buffered", consumer, ConsumerSnapshot.Counts::recordsPolled, RECORDS);
            pipeline.database().execute(REWIND);
            publishOneGood(pipeline);
            await("both partitions are fenced", consumer, ConsumerSnapshot.Counts::fences, 1);
            publishOneGood(pipeline);
            await(
                    "all that was read again, and all that was published again, is dropped",
                    consumer,
                    ConsumerSnapshot.Counts::duplicatesDropped,
                    2 * pipeline.accepted() + 2);
            pipeline.awaitEnd();
            assertThat(pipeline.database().heartbeatTables()).isEqualTo(before);
            assertThat(pipeline.gaps()).isEmpty();
            assertThat(pipeline.database().count("dead_letters"))
                    .as("one a refused record, those published again among them")
                    .isEqualTo(2 * pipeline.refused());
        }
    }

    @Test
    void positionResetWhileIdle_isNoticedWithoutARecord(TelemetryStack stack) {
        Pipeline pipeline = consumed(stack, "replay-while-idle");
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            Await.until(
                    "the partitions are consumed",
                    Pipeline.LIMIT,
                    () -> consumer.snapshot().partitions().size() == 2);
            List<String> before = everything(pipeline);
            pipeline.database().execute(REWIND);
            await("all is read again", consumer, ConsumerSnapshot.Counts::duplicatesDropped, pipeline.accepted());
            pipeline.awaitEnd();
            assertThat(consumer.snapshot().counts().fences()).isZero();
            assertThat(everything(pipeline)).isEqualTo(before);
        }
    }

    private static void await(
            String what, BatchingConsumer consumer, ToLongFunction<ConsumerSnapshot.Counts> count, long expected) {
        Await.until(
                what,
                Pipeline.LIMIT,
                () -> count.applyAsLong(consumer.snapshot().counts()),
                found -> found == expected);
    }

    private static void publishOneGood(Pipeline pipeline) {
        FleetRecord good = pipeline.published().stream()
                .filter(record -> record.kind() == FleetRecord.Kind.GOOD)
                .findFirst()
                .orElseThrow();
        pipeline.kafka().publish(pipeline.topic(), List.of(good));
    }

    @Test
    void secondGroup_hasPositionsAndDeadLettersOfItsOwn(TelemetryStack stack) {
        Pipeline pipeline = consumed(stack, "replay-by-a-second-group");
        List<String> before = pipeline.database().heartbeatTables();
        try (BatchingConsumer consumer = pipeline.consumer(
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
        Pipeline pipeline = new Pipeline(stack.kafka(), Database.of(stack), topic, fleet);
        pipeline.publish(RECORDS);
        pipeline.consumeAll();
        pipeline.assertApplied(pipeline.accepted());
        assertThat(pipeline.database().count("dead_letters"))
                .isEqualTo(pipeline.refused())
                .isPositive();
        return pipeline;
    }

    /** Returns all rows except those of the audit, without the times of their last change. */
    private static List<String> everything(Pipeline pipeline) {
        List<String> all = new ArrayList<>(pipeline.database().heartbeatTables());
        for (String table : List.of("dead_letters", "consumption_gaps")) {
            all.addAll(pipeline.database().rows("SELECT to_jsonb(t) FROM " + table + " AS t ORDER BY id"));
        }
        return all;
    }
}

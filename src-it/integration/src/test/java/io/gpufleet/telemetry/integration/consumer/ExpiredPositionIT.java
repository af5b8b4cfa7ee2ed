package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The records at the position were deleted before they were consumed. */
@TelemetryStackTest
final class ExpiredPositionIT {

    @Test
    void earliest_goesOnAtTheLogsBeginning(TelemetryStack stack) {
        Pipeline pipeline = expired(stack, "expired-earliest");
        pipeline.consumeAll();
        assertThat(pipeline.gaps()).containsExactly("0 expired 100 150");
        pipeline.assertApplied(150);
    }

    @Test
    void latest_goesOnAtTheLogsEnd(TelemetryStack stack) {
        Pipeline pipeline = expired(stack, "expired-latest");
        try (BatchingConsumer consumer =
                pipeline.consumer().resetPolicy(ResetPolicy.LATEST).start()) {
            pipeline.awaitEnd();
            pipeline.publish(10);
            pipeline.awaitEnd();
        }
        assertThat(pipeline.gaps()).containsExactly("0 expired 100 200");
        pipeline.assertApplied(110);
    }

    @Test
    void none_stopsAndSkipsNothing(TelemetryStack stack) {
        Pipeline pipeline = expired(stack, "expired-none");
        BatchingConsumer consumer =
                pipeline.consumer().resetPolicy(ResetPolicy.NONE).start();
        assertThatThrownBy(() -> consumer.termination().get(30, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("expired-none-0")
                .hasMessageContaining("100")
                .hasMessageContaining("150")
                .hasMessageContaining("reset policy is NONE");
        assertThat(consumer.health().status()).isEqualTo(Health.Status.DOWN);
        assertThat(pipeline.positions()).isEqualTo(Map.of(0, 100L));
        assertThat(pipeline.gaps()).isEmpty();
        pipeline.assertApplied(100);
    }

    /** Consumed up to 100, deleted up to 150, written up to 200. */
    private static Pipeline expired(TelemetryStack stack, String topic) {
        Pipeline pipeline = Pipeline.create(stack, topic, 1);
        pipeline.publish(100);
        pipeline.consumeAll();
        pipeline.publish(100);
        pipeline.kafka().deleteRecordsBefore(topic, 0, 150);
        return pipeline;
    }

    @Test
    void recordsDeletedOfAnAddedPartition_areAGap(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "expired-added", 1);
        pipeline.publish(100);
        pipeline.consumeAll();
        pipeline.kafka().addPartitions(pipeline.topic(), 2);
        pipeline.publish(100);
        pipeline.kafka().deleteRecordsBefore(pipeline.topic(), 1, 10);
        pipeline.consumeAll();
        assertThat(pipeline.gaps()).containsExactly("1 expired 0 10");
        pipeline.assertApplied(190);
    }

    @Test
    void recordsDeletedWhilePaused_areAGapBehindWhatWasWritten(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "expired-while-paused", 1);
        pipeline.publish(2000);
        Valve<Heartbeat> valve = new Valve<>();
        valve.close();
        try (BatchingConsumer consumer = paused(pipeline, valve)) {
            valve.awaitHeld(1);
            pipeline.kafka().deleteRecordsBefore(pipeline.topic(), 0, 1900);
            valve.open();
            pipeline.awaitEnd();
        }
        long from = pipeline.database().number("SELECT from_offset FROM consumption_gaps");
        assertThat(from).as("the batch that was being written").isBetween(10L, 1899L);
        assertThat(pipeline.gaps()).containsExactly("0 expired " + from + " 1900");
        pipeline.assertApplied(from + 100);
    }

    /** Returns a consumer that buffers little and pauses soon. */
    private static BatchingConsumer paused(Pipeline pipeline, Valve<Heartbeat> valve) {
        BatchingConsumer consumer = pipeline.consumer(
                        pipeline.sink().inTransaction(valve).build())
                .batching(BatchPolicy.builder()
                        .maxRecords(10)
                        .linger(Duration.ofMillis(50))
                        .build())
                .bufferBytes(20_000)
                .overrides(Map.of("max.partition.fetch.bytes", 10_000, "fetch.max.bytes", 10_000))
                .start();
        Await.until(
                "some records are buffered",
                Pipeline.LIMIT,
                () -> consumer.snapshot().bufferedBytes() > 10_000);
        return consumer;
    }
}

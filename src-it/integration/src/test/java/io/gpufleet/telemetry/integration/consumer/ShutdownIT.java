package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A close writes all it can, reports the rest, and leaves no threads or sessions. */
@TelemetryStackTest
final class ShutdownIT {

    @Test
    void close_writesWhatIsBuffered(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "drained", 2);
        pipeline.publish(500);
        BatchingConsumer consumer = pipeline.consumer()
                .batching(BatchPolicy.builder()
                        .maxRecords(10_000)
                        .linger(Duration.ofMinutes(10))
                        .build())
                .start();
        awaitPolled(consumer, 500);
        assertThat(pipeline.database().count("audit")).as("written before").isZero();
        assertThat(consumer.close(Duration.ofSeconds(30))).isZero();
        pipeline.assertApplied(500);
        assertThat(pipeline.kafka().committedLag(pipeline.group(), pipeline.topic()))
                .isZero();
        assertEnded(pipeline, consumer);
    }

    @Test
    void closeAtOnce_tellsWhatWasNotWritten(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "not-drained", 2);
        pipeline.publish(500);
        Valve<Heartbeat> valve = new Valve<>();
        valve.close();
        BatchingConsumer consumer =
                pipeline.consumer(pipeline.sink().inTransaction(valve).build()).start();
        awaitPolled(consumer, 500);
        valve.awaitHeld(1);
        long begun = System.nanoTime();
        assertThat(consumer.close(Duration.ZERO)).isEqualTo(500);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
        assertEnded(pipeline, consumer);
        assertThat(pipeline.database().count("audit")).isZero();
        pipeline.consumeAll();
        pipeline.assertApplied(500);
    }

    @Test
    void closingAgain_tellsTheSame(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "closed-twice", 1);
        BatchingConsumer consumer = pipeline.consumer().start();
        assertThat(consumer.close(Duration.ofSeconds(10))).isZero();
        assertThat(consumer.close(Duration.ZERO)).isZero();
        assertEnded(pipeline, consumer);
    }

    private static void awaitPolled(BatchingConsumer consumer, long records) {
        Await.until(
                "the records are buffered",
                Pipeline.LIMIT,
                () -> consumer.snapshot().counts().recordsPolled(),
                polled -> polled == records);
    }

    private static void assertEnded(Pipeline pipeline, BatchingConsumer consumer) {
        assertThat(consumer.termination()).isCompleted();
        assertThat(consumer.health()).isEqualTo(Health.of(new Health.Trouble(Health.Concern.ENDED, "closed")));
        assertThat(Thread.getAllStackTraces().keySet().stream()
                        .filter(Thread::isAlive)
                        .map(Thread::getName)
                        .filter(name -> name.startsWith("telemetry-") && name.endsWith(pipeline.group())))
                .isEmpty();
    }
}

package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** One consumer with 2,000 partitions. */
@TelemetryStackTest
final class ManyPartitionsIT {
    private static final int PARTITIONS = 2_000;
    private static final Duration LIMIT = Duration.ofMinutes(3);

    @Test
    void twoThousandPartitions_areConsumedToTheirEnds(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "many-partitions", PARTITIONS);
        pipeline.publish(2 * PARTITIONS);
        try (BatchingConsumer consumer = pipeline.consumer().concurrency(2).start()) {
            pipeline.awaitApplied(2 * PARTITIONS);
            pipeline.publish(PARTITIONS);
            Await.until("all is applied", LIMIT, () -> pipeline.database().count("audit") == 3 * PARTITIONS);
            assertThat(consumer.snapshot().partitions()).hasSize(PARTITIONS);
            assertThat(consumer.health().status()).isEqualTo(Health.Status.UP);
        }
        pipeline.assertApplied(3 * PARTITIONS);
        assertThat(pipeline.positions()).isEqualTo(pipeline.kafka().endOffsets(pipeline.topic()));
    }
}

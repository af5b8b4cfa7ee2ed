package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryEvent.PartitionsAssigned;
import io.gpufleet.telemetry.TelemetryEvent.PartitionsRevoked;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.junit.jupiter.api.Test;

/** Static members, as on the page about Kubernetes: a restart is no rebalance, and an id is for one process. */
@TelemetryStackTest
final class StaticMembersIT {

    private static BatchingConsumer member(Pipeline pipeline, String id, RecordedEvents events) {
        return pipeline.consumer()
                .overrides(Map.of(
                        "group.instance.id",
                        id,
                        "metric.reporters",
                        Rebalances.class.getName(),
                        "heartbeat.interval.ms",
                        "500"))
                .listener(events)
                .start();
    }

    private static void awaitPartitions(BatchingConsumer consumer, int partitions) {
        Await.until(
                "it has its partitions",
                Pipeline.LIMIT,
                () -> consumer.snapshot().partitions().size(),
                size -> size == partitions);
    }

    @Test
    void restartedMember_hasItsPartitionsAgainWithoutARebalance(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "static-restart", 4);
        RecordedEvents events = new RecordedEvents();
        try (BatchingConsumer stays = member(pipeline, "restart-stays", events)) {
            BatchingConsumer ends = member(pipeline, "restart-ends", new RecordedEvents());
            awaitPartitions(stays, 2);
            awaitPartitions(ends, 2);
            double rebalances = Rebalances.of("restart-stays");
            int assigned = events.of(PartitionsAssigned.class).size();
            int revoked = events.of(PartitionsRevoked.class).size();

            ends.close();
            pipeline.publish(1_000);
            try (BatchingConsumer again = member(pipeline, "restart-ends", new RecordedEvents())) {
                awaitPartitions(again, 2);
                pipeline.awaitEnd();
            }

            assertThat(Rebalances.of("restart-stays")).isEqualTo(rebalances);
            assertThat(events.of(PartitionsAssigned.class)).hasSize(assigned);
            assertThat(events.of(PartitionsRevoked.class)).hasSize(revoked);
        }
        pipeline.assertApplied(pipeline.accepted());
    }

    @Test
    void secondProcessWithAnId_endsTheFirst(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "static-twice", 1);
        BatchingConsumer first = member(pipeline, "twice", new RecordedEvents());
        try (BatchingConsumer second = member(pipeline, "twice", new RecordedEvents())) {
            assertThatThrownBy(() -> first.termination().get(60, TimeUnit.SECONDS))
                    .hasRootCauseInstanceOf(FencedInstanceIdException.class);
            pipeline.publish(100);
            pipeline.awaitEnd();
            assertThat(second.health().reasons()).isEmpty();
        }
        pipeline.assertApplied(pipeline.accepted());
    }
}

package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The health of a consumer at standstills and ends. */
@TelemetryStackTest
@Execution(ExecutionMode.CONCURRENT)
final class HealthIT {

    @Test
    void partitionThatStandsStillWhileOthersMove_isNamed(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "standstill", 2);
        CountDownLatch released = new CountDownLatch(1);
        try (BatchingConsumer consumer = pipeline.consumer(pipeline.sink()
                        .inTransaction((connection, batch) -> {
                            if (batch.ranges().get(0).partition().partition() == 1) {
                                await(released);
                            }
                        })
                        .build())
                .concurrency(2)
                .alarms(AlarmPolicy.builder().stuckAfter(Duration.ofSeconds(6)).build())
                .start()) {
            pipeline.publish(500);
            Health health = Await.until(
                    "a partition that stands still is named",
                    Pipeline.LIMIT,
                    () -> {
                        pipeline.publish(50);
                        return consumer.health();
                    },
                    seen -> seen.reasons().stream().anyMatch(reason -> reason.startsWith("standstill")));
            assertThat(health.status()).isEqualTo(Health.Status.DEGRADED);
            assertThat(health.reasons())
                    .anySatisfy(reason -> assertThat(reason)
                            .startsWith("standstill: standstill-1 has been at offset 0 for ")
                            .endsWith(" messages behind"));
            released.countDown();
            Pipeline.awaitHealth(consumer, Health.Status.UP);
            pipeline.awaitEnd();
        }
    }

    /** The other member learns of the new one with its next heartbeat, and keeps all partitions until then. */
    @Test
    void newcomer_isReadyOnceTheGroupHasGivenItPartitions(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "newcomer", 2);
        Map<String, Integer> heartbeat = Map.of("heartbeat.interval.ms", 3000);
        try (BatchingConsumer first = pipeline.consumer().overrides(heartbeat).start()) {
            assertThat(first.health().isReady()).isFalse();
            Pipeline.awaitHealth(first, Health.Status.UP);
            try (BatchingConsumer second =
                    pipeline.consumer().overrides(heartbeat).start()) {
                assertThat(second.health().troubles()).singleElement().satisfies(trouble -> {
                    assertThat(trouble.concern()).isEqualTo(Health.Concern.START);
                    assertThat(trouble.reason()).contains("heartbeat.interval.ms (3000)");
                });
                Pipeline.awaitHealth(second, Health.Status.UP);
                Await.until(
                        "each has a partition",
                        Pipeline.LIMIT,
                        () -> first.snapshot().partitions().size() == 1
                                && second.snapshot().partitions().size() == 1);
                assertThat(second.health().isReady()).isTrue();
            }
        }
    }

    private static void await(CountDownLatch latch) throws SQLException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted", e);
        }
    }

    @Test
    void threadThatHasEnded_isNamed(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "ended-thread", 1);
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            pipeline.publish(10);
            pipeline.awaitEnd();
            Pipeline.awaitHealth(consumer, Health.Status.UP);
            thread("telemetry-lag-" + pipeline.group()).interrupt();
            assertThat(Await.until(
                            "the health is DOWN",
                            Pipeline.LIMIT,
                            consumer::health,
                            health -> health.status() == Health.Status.DOWN))
                    .isEqualTo(Health.of(new Health.Trouble(
                            Health.Concern.ENDED,
                            "telemetry-lag-" + pipeline.group(),
                            "the thread telemetry-lag-" + pipeline.group() + " has ended")));
        }
    }

    private static Thread thread(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}

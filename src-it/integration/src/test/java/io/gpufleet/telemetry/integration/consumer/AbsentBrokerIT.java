package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A consumer waits for a missing broker, and can be closed meanwhile. */
@TelemetryStackTest
final class AbsentBrokerIT {

    private static final Map<String, ?> IMPATIENT = Map.of("request.timeout.ms", 2000, "default.api.timeout.ms", 2000);

    @Test
    void brokerThatIsKilled_isWaitedForUntilItIsBackOrTheConsumerIsClosed(TelemetryStack stack) {
        try (KafkaBroker broker = KafkaBroker.builder().forked().start()) {
            broker.createTopic("absent-broker", 2);
            Pipeline pipeline = new Pipeline(broker, Database.of(stack), "absent-broker");
            BatchingConsumer consumer = pipeline.consumer().overrides(IMPATIENT).start();
            pipeline.publish(100);
            pipeline.awaitEnd();
            broker.kill();
            Pipeline.awaitHealth(consumer, Health.Status.DEGRADED);
            broker.start();
            pipeline.publish(100);
            pipeline.awaitEnd();
            Pipeline.awaitHealth(consumer, Health.Status.UP);
            broker.kill();
            long begun = System.nanoTime();
            assertThat(consumer.close(Duration.ofSeconds(1))).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
            assertThat(consumer.termination()).isCompleted();
            pipeline.assertApplied(200);
        }
    }
}

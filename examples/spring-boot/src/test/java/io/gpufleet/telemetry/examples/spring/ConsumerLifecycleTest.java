package io.gpufleet.telemetry.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** The lifecycle before its start; {@link SpringBootHostTest} covers the running consumer. */
final class ConsumerLifecycleTest {
    private final ConsumerLifecycle lifecycle = new ConsumerLifecycle(
            HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(new PGSimpleDataSource())),
            Duration.ZERO,
            () -> {});

    @Test
    void health_isDownBeforeTheStart() {
        assertThat(lifecycle.health()).isEqualTo(Health.of(new Health.Trouble(Health.Concern.START, "not started")));
        assertThat(lifecycle.isRunning()).isFalse();
    }

    @Test
    void stop_beforeTheStartIsNothing() {
        lifecycle.stop();

        assertThat(lifecycle.isRunning()).isFalse();
    }
}

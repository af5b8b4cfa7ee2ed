package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A fault at the start is reported at the start, and nothing runs then. */
@TelemetryStackTest
@Execution(ExecutionMode.CONCURRENT)
final class RefusedStartIT {
    private static final Map<String, String> BROKERS_TIME = Map.of("message.timestamp.type", "LogAppendTime");

    @Test
    void topicWithTheBrokersTime_isRefused(TelemetryStack stack) {
        Pipeline pipeline = brokersTime(stack, "brokers-time");
        assertThatThrownBy(() -> pipeline.consumer().start())
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("brokers-time")
                .hasMessageContaining("message.timestamp.type=LogAppendTime")
                .hasMessageContaining("eventTime");
        assertNothingRuns(pipeline);
    }

    @Test
    void topicWithTheBrokersTime_isConsumedByATimeOfItsOwn(TelemetryStack stack) {
        Pipeline pipeline = brokersTime(stack, "own-time");
        pipeline.publish(100);
        try (BatchingConsumer consumer = pipeline.consumer()
                .eventTime((heartbeat, source) -> source.timestamp().map(time -> time.plusSeconds(-source.offset())))
                .start()) {
            pipeline.awaitEnd();
        }
        pipeline.assertApplied(100);
    }

    private static Pipeline brokersTime(TelemetryStack stack, String topic) {
        stack.createTopic(topic, 1, BROKERS_TIME);
        return new Pipeline(stack.kafka(), Database.of(stack), topic);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:1", "no-such-host.invalid:9092"})
    void brokerThatCannotBeReached_isNamedSoon(String servers, TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "unreachable-" + servers.hashCode(), 1);
        long begun = System.nanoTime();
        assertThatThrownBy(() -> pipeline.consumer().bootstrapServers(servers).start())
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining(servers);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
        assertNothingRuns(pipeline);
    }

    @Test
    void poolThatIsTooSmall_isRefused(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "small-pool", 1);
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setDataSource(pipeline.database().source());
            pool.setMaximumPoolSize(3);
            assertThatThrownBy(() -> pipeline.consumer(HeartbeatSink.create(pool))
                            .concurrency(2)
                            .start())
                    .isInstanceOf(TelemetryException.class)
                    .hasMessageContaining("concurrency of 2 needs 4");
        }
        assertNothingRuns(pipeline);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "group.id",
                "key.deserializer",
                "value.deserializer",
                "enable.auto.commit",
                "auto.offset.reset",
                "isolation.level"
            })
    void settingThatTheSdkOwns_isRefusedByName(String name) {
        BatchingConsumer.Builder<Heartbeat> builder =
                BatchingConsumer.builder(io.gpufleet.telemetry.codec.BincodeHeartbeatCodec.fixed(), batch -> {});
        assertThatThrownBy(() -> builder.overrides(Map.of(name, "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name + "=x");
    }

    @Test
    void missingTables_areNamed(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "missing-tables", 1);
        pipeline.database().execute("DROP TABLE consumer_offsets");
        assertThatThrownBy(() -> pipeline.consumer().start())
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("consumer_offsets");
        assertNothingRuns(pipeline);
    }

    private static void assertNothingRuns(Pipeline pipeline) {
        List<Thread> threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains(pipeline.group()))
                .toList();
        Await.until(
                "the end of " + threads,
                Duration.ofSeconds(5),
                () -> threads.stream().noneMatch(Thread::isAlive));
    }
}

package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.examples.quickstart.Query;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** The agent as a process: it creates the topic, and sends a heartbeat that is accepted. */
final class PublishFromAnAgentTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void agent_sendsWhatTheConsumerAccepts() throws Exception {
        try (TelemetryStack stack = TelemetryStack.start();
                ForkedJvm agent = ForkedJvm.builder(PublishFromAnAgent.class)
                        .jvmArguments("-Dorg.slf4j.simpleLogger.defaultLogLevel=error")
                        .arguments(stack.bootstrapServers(), "node-17")
                        .start()) {
            assertThat(agent.awaitExit(LIMIT))
                    .as(() -> agent.errors().toString())
                    .isZero();
            assertThat(agent.output()).singleElement().asString().startsWith("Sent the heartbeat of ");
            DataSource database = stack.newDatabase().dataSource();
            TelemetrySchema.create(database).install();
            try (BatchingConsumer consumer = HeartbeatConsumer.builder(
                            BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(database))
                    .bootstrapServers(stack.bootstrapServers())
                    .start()) {
                Await.until(
                        "the heartbeat is durable",
                        LIMIT,
                        () -> consumer.snapshot().counts(),
                        counts -> counts.deliveriesWritten() + counts.deadLetters() == 1);
            }
            assertThat(Query.rows(database, "SELECT device_name, device_temp FROM device_info"))
                    .containsExactly(List.of("NVIDIA H100 PCIe", 61));
        }
    }
}

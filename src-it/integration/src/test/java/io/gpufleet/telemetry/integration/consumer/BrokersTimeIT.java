package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.DeadLetterReplayer;
import io.gpufleet.telemetry.jdbc.ReplayResult;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.producer.OriginalTopic;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;

/** A topic whose broker starts to overwrite the producers' timestamps while its consumer runs. */
@TelemetryStackTest
final class BrokersTimeIT {
    private static final String REASON = "LogAppendTime";

    /** Twenty machines send their stored heartbeats at once: neighbours get the same time. */
    private static Pipeline create(TelemetryStack stack, String topic) {
        stack.createTopic(topic, 1);
        FleetGenerator.Builder fleet = FleetGenerator.builder().clients(20);
        return new Pipeline(stack.kafka(), Database.of(stack), topic, fleet);
    }

    private static void timestamps(Pipeline pipeline, String type) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, pipeline.topic());
        AlterConfigOp change =
                new AlterConfigOp(new ConfigEntry("message.timestamp.type", type), AlterConfigOp.OpType.SET);
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", pipeline.kafka().bootstrapServers()))) {
            admin.incrementalAlterConfigs(Map.of(topic, List.of(change))).all().get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void floodOfThem_stopsTheConsumerAndLosesNone(TelemetryStack stack) throws Exception {
        Pipeline pipeline = create(stack, "brokers-time-flood");
        pipeline.publish(1_000);
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            pipeline.awaitEnd();
            timestamps(pipeline, "LogAppendTime");
            pipeline.publish(3_000);
            assertThatThrownBy(() -> consumer.termination().get(30, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(TelemetryException.class)
                    .hasMessageContaining("would be dead letters")
                    .hasMessageContaining(REASON);
            assertThat(consumer.snapshot().counts().duplicatesDropped()).isZero();
        }
        pipeline.assertApplied(1_000);
        assertThat(1_000 + pipeline.database().count("dead_letters"))
                .as("records before the position are stored or dead-lettered")
                .isEqualTo(pipeline.positions().get(0));
    }

    @Test
    void someOfThem_areSetAsideAndNeverTakeTheBrokersTime(TelemetryStack stack) throws Exception {
        Pipeline pipeline = create(stack, "brokers-time-some");
        pipeline.publish(500);
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            pipeline.awaitEnd();
            timestamps(pipeline, "LogAppendTime");
            pipeline.publish(20);
            pipeline.awaitEnd();
            timestamps(pipeline, "CreateTime");
            pipeline.publish(50);
            pipeline.awaitEnd();
            pipeline.assertApplied(550);
            assertThat(consumer.snapshot().counts().duplicatesDropped()).isZero();
            assertSetAside(pipeline);
            assertReplayedByATimeOfTheHostOnly(pipeline);
        }
    }

    private static void assertSetAside(Pipeline pipeline) {
        assertThat(pipeline.database()
                        .rows("SELECT DISTINCT stage, record_timestamp_type, reasons[1] LIKE '%" + REASON
                                + "%' FROM dead_letters"))
                .containsExactly("validate log_append_time t");
        assertThat(pipeline.database().count("dead_letters")).isEqualTo(20);
    }

    private static void assertReplayedByATimeOfTheHostOnly(Pipeline pipeline) {
        assertThat(through(replayer(pipeline), pipeline)).satisfies(result -> {
            assertThat(result.replayed()).isZero();
            assertThat(result.stillRefused()).isEqualTo(20);
        });
        try (OriginalTopic target = OriginalTopic.create(pipeline.kafka().bootstrapServers())) {
            assertThat(replayer(pipeline).build().to(target).stillRefused())
                    .as("the topic would take the broker's times for the producers'")
                    .isEqualTo(20);
        }
        pipeline.assertApplied(550);
        DeadLetterReplayer.Builder<Heartbeat> own = replayer(pipeline)
                .eventTime((heartbeat, source) -> source.timestamp().map(time -> time.plusSeconds(-source.offset())));
        assertThat(through(own, pipeline).replayed()).isEqualTo(20);
        assertThat(pipeline.database().count("heartbeat")).isEqualTo(570);
    }

    private static DeadLetterReplayer.Builder<Heartbeat> replayer(Pipeline pipeline) {
        return DeadLetterReplayer.builder(pipeline.database().source(), pipeline.group());
    }

    private static ReplayResult through(DeadLetterReplayer.Builder<Heartbeat> replayer, Pipeline pipeline) {
        return replayer.build()
                .through(
                        HeartbeatSink.create(pipeline.database().source()),
                        BincodeHeartbeatCodec.fixed(),
                        HeartbeatValidator.create());
    }
}

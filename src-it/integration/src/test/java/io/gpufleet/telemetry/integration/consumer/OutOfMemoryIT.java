package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** A JVM without memory ends its consumer, wherever the error occurs: nothing is skipped, and the host is informed. */
@TelemetryStackTest
final class OutOfMemoryIT {
    private static final String WORDS = "Java heap space, as it were";

    /** Kafka's client decompresses inside poll. */
    public static final class Inflating implements ConsumerInterceptor<byte[], byte[]> {
        @Override
        public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
            throw new OutOfMemoryError(WORDS);
        }

        @Override
        public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

        @Override
        public void close() {}

        @Override
        public void configure(Map<String, ?> configs) {}
    }

    /** Reads heartbeats as long as there is memory. */
    private static final class Reading implements Codec<Heartbeat> {
        @Override
        public int encodedSize(Heartbeat value) {
            return BincodeHeartbeatCodec.fixed().encodedSize(value);
        }

        @Override
        public void encode(Heartbeat value, ByteBuffer target) {
            BincodeHeartbeatCodec.fixed().encode(value, target);
        }

        @Override
        public Heartbeat decode(ByteBuffer source) {
            throw new OutOfMemoryError(WORDS);
        }
    }

    /** There may be no memory to report it either. */
    private static final TelemetryListener POOR = event -> {
        if (event instanceof TelemetryEvent.ConsumerStopped) {
            throw new OutOfMemoryError("none to tell of it");
        }
    };

    /** The log of a host without memory for the line about the end of a group. */
    private static final class PoorLog extends PrintStream {
        private final String group;
        private volatile boolean wasAsked;

        private PoorLog(PrintStream log, String group) {
            super(log, true);
            this.group = group;
        }

        @Override
        public void println(String line) {
            if (line.contains("group " + group + " has stopped")) {
                wasAsked = true;
                throw new OutOfMemoryError("none to log it");
            }
            super.println(line);
        }
    }

    @Test
    void inPoll(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "memory-in-poll", 1);
        assertEnds(pipeline, pipeline.consumer().overrides(Map.of("interceptor.classes", Inflating.class.getName())));
    }

    @Test
    void inALane(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "memory-in-a-lane", 1);
        assertEnds(
                pipeline,
                BatchingConsumer.builder(new Reading(), pipeline.sink().build())
                        .bootstrapServers(stack.bootstrapServers())
                        .topics(pipeline.topic())
                        .groupId(pipeline.group()));
    }

    @Test
    void inTheLogOfTheEnd(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "memory-in-the-log", 1);
        PrintStream log = System.err;
        PoorLog poor = new PoorLog(log, pipeline.group());
        System.setErr(poor);
        try {
            assertEnds(
                    pipeline, pipeline.consumer().overrides(Map.of("interceptor.classes", Inflating.class.getName())));
        } finally {
            System.setErr(log);
        }
        assertThat(poor.wasAsked).as("the end was logged").isTrue();
    }

    private static void assertEnds(Pipeline pipeline, BatchingConsumer.Builder<Heartbeat> builder) {
        pipeline.publish(10);
        BatchingConsumer consumer = builder.listener(POOR).start();
        assertThatThrownBy(() -> consumer.termination().get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(OutOfMemoryError.class)
                .hasMessageContaining(WORDS);
        assertThat(consumer.health().status()).isEqualTo(Health.Status.DOWN);
        assertThat(pipeline.positions()).isEqualTo(Map.of(0, 0L));
        assertThat(pipeline.database().count("heartbeat")).isZero();
    }
}

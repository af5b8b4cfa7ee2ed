package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.integration.servers.LogSegment;
import io.gpufleet.telemetry.integration.servers.LogSegment.Batch;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A partition whose log is damaged stands still at the damage, named in the health, and the others continue. */
@TelemetryStackTest
final class UnreadablePartitionIT {
    private static final int DAMAGED = 1;

    @TempDir
    private static Path directory;

    private static KafkaBroker broker;

    @BeforeAll
    static void start() {
        broker = KafkaBroker.builder()
                .forked()
                .setting("log.dirs", directory.toString())
                .start();
    }

    @AfterAll
    static void end() {
        broker.close();
    }

    @Test
    void flippedBit_holdsUpItsPartitionUntilThePositionIsMoved(TelemetryStack stack) {
        Pipeline pipeline = pipeline(stack, "flipped-bit");
        Batch damaged = damage(pipeline, LogSegment::flipBit);
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            pipeline.awaitPositions(endsBut(pipeline, damaged.from()));
            Health health = Pipeline.awaitHealth(consumer, Health.Status.DEGRADED);
            assertThat(health.reasons())
                    .singleElement()
                    .asString()
                    .startsWith("standstill: flipped-bit-1 cannot be read at offset " + damaged.from() + ": ")
                    .contains("operator offsets reset --group flipped-bit-group --topic flipped-bit --partition 1"
                            + " --to-offset ");

            pipeline.publish(100);
            pipeline.awaitPositions(endsBut(pipeline, damaged.from()));
            pipeline.database()
                    .execute("UPDATE consumer_offsets SET next_offset = " + damaged.next() + " WHERE partition = "
                            + DAMAGED + " AND topic = '" + pipeline.topic() + "'");
            pipeline.awaitEnd();
            Pipeline.awaitHealth(consumer, Health.Status.UP);
        }
        pipeline.assertApplied(400 - (damaged.next() - damaged.from()));
    }

    @Test
    void lengthThatCannotBe_isRepairedAndReadAgain(TelemetryStack stack) {
        Pipeline pipeline = pipeline(stack, "wrong-length");
        Batch damaged = damage(pipeline, LogSegment::flipLength);
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            pipeline.awaitPositions(endsBut(pipeline, damaged.from()));
            assertThat(Pipeline.awaitHealth(consumer, Health.Status.DEGRADED).reasons())
                    .anySatisfy(reason -> assertThat(reason).contains("wrong-length-1"));

            broker.stop();
            segment(pipeline).flipLength(damaged);
            broker.start();
            pipeline.awaitEnd();
            Pipeline.awaitHealth(consumer, Health.Status.UP);
        }
        pipeline.assertApplied(300);
    }

    private static Pipeline pipeline(TelemetryStack stack, String topic) {
        broker.createTopic(topic, 2);
        return new Pipeline(broker, Database.of(stack), topic);
    }

    /** Publishes some batches, and damages the second one of a partition on the broker's disk. */
    private static Batch damage(Pipeline pipeline, BiConsumer<LogSegment, Batch> fault) {
        for (int round = 0; round < 3; round++) {
            pipeline.publish(100);
        }
        broker.stop();
        List<Batch> batches = segment(pipeline).batches();
        assertThat(batches).hasSizeGreaterThan(2);
        fault.accept(segment(pipeline), batches.get(1));
        broker.start();
        return batches.get(1);
    }

    private static LogSegment segment(Pipeline pipeline) {
        return LogSegment.newest(directory, pipeline.topic(), DAMAGED);
    }

    private static Map<Integer, Long> endsBut(Pipeline pipeline, long standing) {
        Map<Integer, Long> positions = new TreeMap<>(broker.endOffsets(pipeline.topic()));
        positions.put(DAMAGED, standing);
        return positions;
    }
}

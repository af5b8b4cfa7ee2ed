package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker comes back with an older copy of a log. For one partition, as after an unclean election, the leader epoch
 * shows where the logs diverge. For a whole cluster, only the log's end or its leader epoch reveals it.
 */
@TelemetryStackTest
final class TruncatedLogIT {
    /** A member that a restored cluster remembers is removed soon. */
    private static final Map<String, ?> SOON_FORGOTTEN =
            Map.of("session.timeout.ms", 3000, "heartbeat.interval.ms", 500);

    @TempDir
    private static Path directory;

    private static Path data;
    private static KafkaBroker broker;

    @BeforeAll
    static void start() {
        data = directory.resolve("data");
        broker = KafkaBroker.builder()
                .forked()
                .setting("log.dirs", data.toString())
                .start();
    }

    @AfterAll
    static void end() {
        broker.close();
    }

    @Test
    void logThatDivergesWhileRunning_isConsumedFromThere(TelemetryStack stack) {
        Pipeline pipeline = create(stack, "diverging-while-running");
        try (BatchingConsumer consumer = start(pipeline)) {
            DirectoryCopy copy = consumeHundredTwice(pipeline, data.resolve(pipeline.topic() + "-0"));
            restore(copy);
            pipeline.publish(50);
            assertTruncated(pipeline, 100, 150);
        }
    }

    @Test
    void logThatHasGrownAgain_isConsumedFromWhereItDiverges(TelemetryStack stack) {
        Pipeline pipeline = create(stack, "diverging-while-down");
        restore(consumeHundredTwiceAndClose(pipeline, data.resolve(pipeline.topic() + "-0")));
        pipeline.publish(150);
        try (BatchingConsumer consumer = start(pipeline)) {
            assertTruncated(pipeline, 100, 250);
        }
    }

    @Test
    void clusterThatEndsBeforeThePosition_isConsumedFromItsEnd(TelemetryStack stack) {
        Pipeline pipeline = create(stack, "restored");
        restore(consumeHundredTwiceAndClose(pipeline, data));
        try (BatchingConsumer consumer = start(pipeline)) {
            pipeline.awaitPositions(Map.of(0, 100L));
            pipeline.publish(50);
            assertTruncated(pipeline, 100, 150);
        }
    }

    /** The position is after a record of a leader epoch that the cluster has not reached again. */
    @Test
    void clusterThatHasGrownAgain_isConsumedFromThePosition(TelemetryStack stack) {
        Pipeline pipeline = create(stack, "restored-and-grown");
        DirectoryCopy copy;
        try (BatchingConsumer consumer = start(pipeline)) {
            copy = consumeHundredTwice(pipeline, data);
            broker.stop();
            broker.start();
            pipeline.publish(10);
            pipeline.awaitPositions(Map.of(0, 210L));
        }
        restore(copy);
        pipeline.publish(150);
        try (BatchingConsumer consumer = start(pipeline)) {
            pipeline.awaitPositions(Map.of(0, 250L));
        }
        assertThat(pipeline.gaps()).containsExactly("0 truncated 210 210");
        pipeline.assertApplied(250);
    }

    private static Pipeline create(TelemetryStack stack, String topic) {
        broker.createTopic(topic, 1);
        return new Pipeline(broker, Database.of(stack), topic);
    }

    private static BatchingConsumer start(Pipeline pipeline) {
        return pipeline.consumer().overrides(SOON_FORGOTTEN).start();
    }

    private static DirectoryCopy consumeHundredTwiceAndClose(Pipeline pipeline, Path directory) {
        try (BatchingConsumer consumer = start(pipeline)) {
            return consumeHundredTwice(pipeline, directory);
        }
    }

    /** Consumes 200 records, and returns a copy of the directory that holds the first 100 of them. */
    private static DirectoryCopy consumeHundredTwice(Pipeline pipeline, Path logs) {
        pipeline.publish(100);
        pipeline.awaitEnd();
        broker.stop();
        DirectoryCopy copy = DirectoryCopy.of(logs, directory.resolve(pipeline.topic()));
        broker.start();
        pipeline.publish(100);
        pipeline.awaitPositions(Map.of(0, 200L));
        return copy;
    }

    private static void restore(DirectoryCopy copy) {
        broker.stop();
        copy.putBack();
        broker.start();
    }

    private static void assertTruncated(Pipeline pipeline, long to, long end) {
        pipeline.awaitPositions(Map.of(0, end));
        assertThat(pipeline.gaps()).containsExactly("0 truncated 200 " + to);
        pipeline.assertApplied(200 + end - to);
    }
}

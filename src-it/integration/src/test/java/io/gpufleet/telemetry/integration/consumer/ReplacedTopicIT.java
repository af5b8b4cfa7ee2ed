package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.TelemetryEvent.ClientReplaced;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A recreated topic is another log, whatever the position in the old one was. */
@TelemetryStackTest
final class ReplacedTopicIT {
    private static final int BEFORE = 100;

    @ParameterizedTest
    @ValueSource(ints = {40, 100, 160})
    void topicReplacedWhileDown_isConsumedFromItsBeginning(int records, TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "replaced-while-down-" + records, 1);
        pipeline.publish(BEFORE);
        pipeline.consumeAll();
        replace(pipeline, records);
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            assertReplaced(pipeline, records);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 160})
    void topicReplacedWhileRunning_isConsumedFromItsBeginning(int records, TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "replaced-while-running-" + records, 1);
        pipeline.publish(BEFORE);
        RecordedEvents events = new RecordedEvents();
        try (BatchingConsumer consumer = pipeline.consumer().listener(events).start()) {
            pipeline.awaitEnd();
            replace(pipeline, records);
            assertReplaced(pipeline, records);
            Await.until(
                    "the client that knows the old log is replaced",
                    Pipeline.LIMIT,
                    () -> !events.of(ClientReplaced.class).isEmpty());
        }
    }

    /** A client that reads the new log only when it is as long as the old one finds no record there. */
    @Test
    void logAsLongAsThePosition_isNoticedWithoutARecord(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "replaced-as-long", 1);
        pipeline.publish(BEFORE);
        Map<String, ?> slowToRefresh = Map.of("retry.backoff.ms", 3000, "retry.backoff.max.ms", 3000);
        try (BatchingConsumer consumer =
                pipeline.consumer().overrides(slowToRefresh).start()) {
            pipeline.awaitEnd();
            replace(pipeline, BEFORE);
            assertReplaced(pipeline, BEFORE);
        }
    }

    private static void replace(Pipeline pipeline, int records) {
        pipeline.kafka().deleteTopic(pipeline.topic());
        pipeline.kafka().createTopic(pipeline.topic(), 1);
        pipeline.publish(records);
    }

    private static void assertReplaced(Pipeline pipeline, int records) {
        pipeline.awaitApplied(BEFORE + records);
        pipeline.awaitEnd();
        pipeline.assertApplied(BEFORE + records);
        assertThat(pipeline.gaps()).containsExactly("0 topic_replaced " + BEFORE + " 0");
        assertThat(pipeline.database()
                        .rows("SELECT o.topic_id = g.to_topic_id AND g.from_topic_id <> g.to_topic_id"
                                + " FROM consumer_offsets AS o, consumption_gaps AS g"))
                .as("the position is one of the new log")
                .containsExactly("t");
    }
}

package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.TelemetryEvent.ValuesFiltered;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import org.junit.jupiter.api.Test;

/** Values that a host filters out are counted, not stored, and not read again. */
@TelemetryStackTest
final class FilterIT {
    private static final int RECORDS = 1_000;

    /**
     * From this offset to the end of the topic all values are unwanted: more than a batch without anything to write.
     */
    private static final int LAST_WANTED = 700;

    private static final int WANTED = LAST_WANTED / 2;

    private static boolean isWanted(long offset) {
        return offset < LAST_WANTED && offset % 2 == 0;
    }

    @Test
    void filteredValues_areCountedAndPassedOver_alsoByARestart(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "filtered", 1);
        pipeline.publish(RECORDS);
        RecordedEvents events = new RecordedEvents();
        try (BatchingConsumer consumer = pipeline.consumer()
                .filter(delivery -> isWanted(delivery.offset()))
                .listener(events)
                .start()) {
            pipeline.awaitEnd();
            consumer.close();
            assertThat(consumer.snapshot().counts().filtered()).isEqualTo(RECORDS - WANTED);
        }
        assertThat(events.of(ValuesFiltered.class).stream()
                        .mapToInt(ValuesFiltered::count)
                        .sum())
                .isEqualTo(RECORDS - WANTED);
        assertThat(pipeline.database().rows("SELECT kafka_offset FROM audit"))
                .allMatch(offset -> isWanted(Long.parseLong(offset)));
        pipeline.assertApplied(WANTED);

        assertNothingIsReadAgain(pipeline);
    }

    /** Without the filter, a record that is read again would be stored. */
    private static void assertNothingIsReadAgain(Pipeline pipeline) {
        pipeline.publish(1);
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            pipeline.awaitEnd();
            assertThat(consumer.snapshot().counts().recordsPolled()).isOne();
        }
        pipeline.assertApplied(WANTED + 1);
        assertThat(pipeline.gaps()).isEmpty();
    }
}

package io.gpufleet.telemetry.examples.spring;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Locale;

/** Counts the events of a consumer in the host's meters, named {@code telemetry.*}. Thread-safe. */
final class EventMeters implements TelemetryListener {
    private final MeterRegistry registry;
    private final Counter written;
    private final Counter duplicates;
    private final Counter batches;
    private final Timer writes;
    private final Counter retries;
    private final Counter fences;

    EventMeters(MeterRegistry registry) {
        this.registry = registry;
        written = counter("records.written", "values written, duplicates among them")
                .register(registry);
        duplicates = counter("duplicates", "values that were there already").register(registry);
        batches = counter("batches", "batches written").register(registry);
        writes = Timer.builder("telemetry.write")
                .description("how long a batch was written")
                .register(registry);
        retries = counter("retries", "writes that failed and were tried again").register(registry);
        fences = counter("fences", "writes refused because a position was another")
                .register(registry);
        // So that every stage is shown, as 0, before its first dead letter.
        List.of(DeadLetter.Stage.values()).forEach(this::deadLetters);
    }

    /** Registering again finds the same counter. */
    private Counter deadLetters(DeadLetter.Stage stage) {
        return counter("dead.letters", "records set aside")
                .tag("stage", stage.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    private static Counter.Builder counter(String name, String description) {
        return Counter.builder("telemetry." + name).description(description);
    }

    @Override
    public void on(TelemetryEvent event) {
        if (event instanceof TelemetryEvent.BatchWritten batch) {
            count(batch);
        } else if (event instanceof TelemetryEvent.RecordRefused refused) {
            deadLetters(refused.deadLetter().stage()).increment();
        } else if (event instanceof TelemetryEvent.DuplicatesDropped dropped) {
            duplicates.increment(dropped.count());
        } else if (event instanceof TelemetryEvent.WriteRetried) {
            retries.increment();
        } else if (event instanceof TelemetryEvent.PartitionsFenced) {
            fences.increment();
        }
    }

    private void count(TelemetryEvent.BatchWritten batch) {
        batches.increment();
        written.increment(batch.deliveries());
        // A batch that was found to be durable after a lost reply has no duration.
        if (!batch.duration().isZero()) {
            writes.record(batch.duration());
        }
    }
}

package io.gpufleet.telemetry.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryListener;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class EventMetersTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final TelemetryListener meters = new EventMeters(registry);

    @Test
    void batches_areCountedAndTimed() {
        meters.on(new TelemetryEvent.BatchWritten(90, 10, Duration.ofMillis(20)));
        meters.on(new TelemetryEvent.BatchWritten(5, 0, Duration.ofMillis(30)));

        assertThat(count("telemetry.batches")).isEqualTo(2);
        assertThat(count("telemetry.records.written")).isEqualTo(95);
        assertThat(registry.get("telemetry.write").timer().totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(50);
    }

    @Test
    void batchWithoutDuration_isCountedAndNotTimed() {
        meters.on(new TelemetryEvent.BatchWritten(1, 0, Duration.ZERO));

        assertThat(count("telemetry.batches")).isEqualTo(1);
        assertThat(registry.get("telemetry.write").timer().count()).isZero();
    }

    @Test
    void troubles_areCounted() {
        meters.on(new TelemetryEvent.DuplicatesDropped(7));
        meters.on(new TelemetryEvent.WriteRetried(1, Duration.ofMillis(100), new IllegalStateException("away")));
        meters.on(new TelemetryEvent.PartitionsFenced(Set.of()));

        assertThat(count("telemetry.duplicates")).isEqualTo(7);
        assertThat(count("telemetry.retries")).isEqualTo(1);
        assertThat(count("telemetry.fences")).isEqualTo(1);
    }

    @Test
    void everyStage_isShownFromTheStart() {
        assertThat(registry.get("telemetry.dead.letters").counters())
                .extracting(counter -> counter.getId().getTag("stage"))
                .containsExactlyInAnyOrder("decode", "validate", "write");
    }

    private double count(String name) {
        return registry.get(name).counter().count();
    }
}

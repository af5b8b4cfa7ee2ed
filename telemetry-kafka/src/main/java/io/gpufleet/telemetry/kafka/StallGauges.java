package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent.Stall;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** How many partitions stand still while others go on, by the reason. Thread-safe. */
final class StallGauges {
    private record Stalled(SourcePartition partition, Stall stall) {}

    private final Set<Stalled> stalled = ConcurrentHashMap.newKeySet();

    StallGauges(MeterRegistry registry, Tags tags) {
        for (Stall stall : Stall.values()) {
            Gauge.builder("telemetry.stalled", stalled, all -> count(all, stall))
                    .description("partitions that stand still while others go on")
                    .baseUnit("partitions")
                    .tags(tags.and("reason", stall.name().toLowerCase(Locale.ROOT)))
                    .register(registry);
        }
    }

    private static double count(Set<Stalled> all, Stall stall) {
        return all.stream().filter(one -> one.stall() == stall).count();
    }

    void stalled(SourcePartition partition, Stall stall) {
        stalled.add(new Stalled(partition, stall));
    }

    void resumed(SourcePartition partition, Stall stall) {
        stalled.remove(new Stalled(partition, stall));
    }

    void revoked(Set<SourcePartition> partitions) {
        stalled.removeIf(one -> partitions.contains(one.partition()));
    }

    void clear() {
        stalled.clear();
    }
}

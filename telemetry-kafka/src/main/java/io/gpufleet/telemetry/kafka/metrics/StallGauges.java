package io.gpufleet.telemetry.kafka.metrics;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent.Stall;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The gauges of partitions that stand still while others move, by reason. Thread-safe. */
final class StallGauges {
    private final Map<Stall, Set<SourcePartition>> stalled = new EnumMap<>(Stall.class);

    StallGauges(MeterRegistry registry, Tags tags) {
        for (Stall stall : Stall.values()) {
            Set<SourcePartition> partitions = ConcurrentHashMap.newKeySet();
            stalled.put(stall, partitions);
            Gauge.builder("telemetry.stalled", partitions, Set::size)
                    .description("partitions that stand still while others move")
                    .baseUnit("partitions")
                    .tags(tags.and("reason", stall.name().toLowerCase(Locale.ROOT)))
                    .register(registry);
        }
    }

    void stalled(SourcePartition partition, Stall stall) {
        requireNonNull(stalled.get(stall)).add(partition);
    }

    void resumed(SourcePartition partition, Stall stall) {
        requireNonNull(stalled.get(stall)).remove(partition);
    }

    void revoked(Set<SourcePartition> partitions) {
        stalled.values().forEach(all -> all.removeAll(partitions));
    }

    void clear() {
        stalled.values().forEach(Set::clear);
    }
}

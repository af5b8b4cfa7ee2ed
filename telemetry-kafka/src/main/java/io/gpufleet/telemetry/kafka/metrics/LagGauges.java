package io.gpufleet.telemetry.kafka.metrics;

import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * The gauges of each partition's lag, while the consumer has the partition: a late measurement does not restore them.
 * Thread-safe.
 */
final class LagGauges {
    private static final double NANOS_A_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Object lock = new Object();
    private final MultiGauge messages;
    private final MultiGauge seconds;
    private final MultiGauge heldBack;
    private final MultiGauge openSeconds;
    private final Set<SourcePartition> assigned = new HashSet<>();
    private volatile Map<SourcePartition, PartitionLag> newest = Map.of();
    private volatile Instant at = Instant.EPOCH;

    LagGauges(MeterRegistry registry, Tags tags) {
        messages = MultiGauge.builder("telemetry.lag")
                .description("messages of the partition that are not written")
                .baseUnit("messages")
                .tags(tags)
                .register(registry);
        seconds = MultiGauge.builder("telemetry.lag.seconds")
                .description("the age of the newest record written of the partition, 0 if nothing is left")
                .baseUnit("seconds")
                .tags(tags)
                .register(registry);
        heldBack = MultiGauge.builder("telemetry.open.transaction")
                .description("messages behind an open transaction of a producer, no part of the lag")
                .baseUnit("messages")
                .tags(tags)
                .register(registry);
        openSeconds = MultiGauge.builder("telemetry.open.transaction.seconds")
                .description("age of the open transaction, 0 if there is none")
                .baseUnit("seconds")
                .tags(tags)
                .register(registry);
    }

    void assigned(Set<SourcePartition> partitions) {
        synchronized (lock) {
            assigned.addAll(partitions);
        }
    }

    void revoked(Set<SourcePartition> partitions) {
        synchronized (lock) {
            assigned.removeAll(partitions);
            show(newest);
        }
    }

    void measured(TelemetryEvent.LagMeasured measured) {
        synchronized (lock) {
            at = measured.at();
            show(measured.partitions());
        }
    }

    void clear() {
        synchronized (lock) {
            assigned.clear();
            show(Map.of());
        }
    }

    private void show(Map<SourcePartition, PartitionLag> lag) {
        Map<SourcePartition, PartitionLag> ours = new HashMap<>(lag);
        ours.keySet().retainAll(assigned);
        newest = ours;
        messages.register(rows(PartitionLag::messages));
        seconds.register(rows(part -> part.behind().map(LagGauges::seconds).orElse(Double.NaN)));
        heldBack.register(rows(PartitionLag::heldBack));
        openSeconds.register(rows(part -> part.openTransaction()
                .map(open -> seconds(Duration.between(open.since(), at)))
                .orElse(0.0)));
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / NANOS_A_SECOND;
    }

    /** Returns the rows; existing ones stay, because each reads the newest lag. */
    private List<MultiGauge.Row<LagGauges>> rows(ToDoubleFunction<PartitionLag> part) {
        return newest.keySet().stream()
                .map(partition -> MultiGauge.Row.of(tags(partition), this, gauges -> gauges.read(partition, part)))
                .toList();
    }

    private double read(SourcePartition partition, ToDoubleFunction<PartitionLag> part) {
        PartitionLag lag = newest.get(partition);
        return lag == null ? Double.NaN : part.applyAsDouble(lag);
    }

    private static Tags tags(SourcePartition partition) {
        return Tags.of("topic", partition.topic(), "partition", Integer.toString(partition.partition()));
    }
}

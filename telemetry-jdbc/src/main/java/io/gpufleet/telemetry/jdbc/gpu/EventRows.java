package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.gpu.GpuMetricsRow;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.time.Instant;
import java.util.function.BiConsumer;

/** The aggregator of events into wide rows. Thread-safe. */
final class EventRows implements Aggregator<MetricEvent, WideFold.Key, GpuMetricsRow> {

    /** Returns the time of an event; that of its record if it could not be read. */
    static Instant timeOf(Delivery<MetricEvent> delivery) {
        return delivery.value().time().orElseGet(delivery::time);
    }

    @Override
    public void fold(Delivery<MetricEvent> delivery, BiConsumer<? super WideFold.Key, ? super GpuMetricsRow> results) {
        GpuMetricsRow row = GpuMetricsRow.of(delivery.value(), timeOf(delivery));
        results.accept(new WideFold.Key(row.uuid(), "", row.time()), row);
    }

    @Override
    public GpuMetricsRow merge(GpuMetricsRow left, GpuMetricsRow right) {
        return left.merge(right);
    }
}

package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.time.Instant;
import java.util.function.BiConsumer;

/** The aggregator of events into the sightings of their GPUs. Thread-safe. */
final class EventSightings implements Aggregator<MetricEvent, String, GpuSighting> {

    @Override
    public void fold(Delivery<MetricEvent> delivery, BiConsumer<? super String, ? super GpuSighting> results) {
        MetricEvent.Gpu gpu = delivery.value().gpu();
        Instant time = EventRows.timeOf(delivery);
        results.accept(
                gpu.uuid(),
                new GpuSighting(
                        gpu.uuid(),
                        delivery.value().host().hostname(),
                        gpu.pciBusId(),
                        "",
                        gpu.index().isPresent() ? gpu.index().getAsInt() : null,
                        gpu.id(),
                        gpu.name(),
                        time,
                        time,
                        null));
    }

    @Override
    public GpuSighting merge(GpuSighting left, GpuSighting right) {
        return GpuSighting.merge(left, right);
    }
}

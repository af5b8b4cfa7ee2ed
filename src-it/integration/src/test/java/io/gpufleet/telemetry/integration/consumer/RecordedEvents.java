package io.gpufleet.telemetry.integration.consumer;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryListener;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A listener that keeps every event. Thread-safe. */
final class RecordedEvents implements TelemetryListener {
    private final Queue<TelemetryEvent> events = new ConcurrentLinkedQueue<>();

    @Override
    public void on(TelemetryEvent event) {
        events.add(event);
    }

    <E extends TelemetryEvent> List<E> of(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}

package io.gpufleet.telemetry.examples.spring;

import io.gpufleet.telemetry.kafka.ConsumerSnapshot;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** Shows where the consumer stands in the host's meters, named {@code telemetry.*}; NaN until it runs. Thread-safe. */
final class ConsumerGauges implements MeterBinder {
    private final ConsumerLifecycle lifecycle;

    ConsumerGauges(ConsumerLifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge("lag", "records", "records that are in the topic and not in the database", ConsumerSnapshot::totalLag)
                .register(registry);
        gauge("buffered", "bytes", "what was polled and is not durable yet", ConsumerSnapshot::bufferedBytes)
                .register(registry);
    }

    private Gauge.Builder<ConsumerLifecycle> gauge(
            String name, String unit, String description, ToDoubleFunction<ConsumerSnapshot> part) {
        return Gauge.builder(
                        "telemetry." + name,
                        lifecycle,
                        current -> current.snapshot().map(part::applyAsDouble).orElse(Double.NaN))
                .baseUnit(unit)
                .description(description);
    }
}

package io.gpufleet.telemetry.examples.spring;

import io.gpufleet.telemetry.Health;
import java.util.function.Supplier;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * The consumer's {@link Health} for the actuator, with its reasons: UP; DEGRADED for a consumer that works but may be
 * far behind; OUT_OF_SERVICE for one that cannot work for now; or DOWN.
 *
 * <p>It returns the consumer's last known health, so it answers at once even if the database does not. It belongs to
 * the readiness of the application and never to its liveness, since a restart does not repair a database. Thread-safe.
 */
final class ConsumerHealthIndicator implements HealthIndicator {
    private static final Status DEGRADED = new Status("DEGRADED");

    private final Supplier<Health> consumer;

    ConsumerHealthIndicator(Supplier<Health> consumer) {
        this.consumer = consumer;
    }

    @Override
    public org.springframework.boot.health.contributor.Health health() {
        Health health = consumer.get();
        return org.springframework.boot.health.contributor.Health.status(status(health))
                .withDetail("ready", health.isReady())
                .withDetail("reasons", health.reasons())
                .build();
    }

    private static Status status(Health health) {
        return switch (health.status()) {
            case UP -> Status.UP;
            case DEGRADED -> health.isReady() ? DEGRADED : Status.OUT_OF_SERVICE;
            case DOWN -> Status.DOWN;
        };
    }
}

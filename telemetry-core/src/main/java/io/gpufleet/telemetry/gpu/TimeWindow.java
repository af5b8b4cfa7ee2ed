package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The accepted times of a reading around the time at which it was produced. */
record TimeWindow(Duration maxAhead, Optional<Duration> maxBehind) {

    static Duration notNegative(String name, Duration duration) {
        if (requireNonNull(duration, "duration").isNegative()) {
            throw new IllegalArgumentException(name + ": " + duration + " is negative");
        }
        return duration;
    }

    boolean isAhead(Instant time, Instant producedAt) {
        return time.isAfter(producedAt) && Duration.between(producedAt, time).compareTo(maxAhead) > 0;
    }

    boolean isBehind(Instant time, Instant producedAt) {
        return maxBehind.isPresent()
                && time.isBefore(producedAt)
                && Duration.between(time, producedAt).compareTo(maxBehind.get()) > 0;
    }
}

package io.gpufleet.telemetry.internal;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** The waits of a host, cut to a length that clocks can count: a century is as good as for ever. */
public final class Waits {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private Waits() {}

    /**
     * Returns a wait in a form that clocks can count, and refuses one below 0.
     *
     * @param name the parameter's name
     * @throws IllegalArgumentException if it is negative
     */
    public static Duration limit(String name, Duration wait) {
        if (requireNonNull(wait, name).isNegative()) {
            throw new IllegalArgumentException(name + ": " + wait + " is negative, but must be 0 or more");
        }
        return countable(wait);
    }

    /** Returns a wait whose nanoseconds fit beside those of a clock. */
    public static Duration countable(Duration wait) {
        return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }
}

package io.gpufleet.telemetry.internal;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** The waits of a host, cut to a length that clocks can count: a century is as good as for ever. */
public final class Waits {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private Waits() {}

    /**
     * Refuses a wait below 0, and returns any other in a form that clocks can count.
     *
     * @param name what the error calls it
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

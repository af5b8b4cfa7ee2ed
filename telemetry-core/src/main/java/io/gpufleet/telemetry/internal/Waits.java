package io.gpufleet.telemetry.internal;

import java.time.Duration;

/** How long a host wants to wait, in a form that clocks can count: a century is as good as for ever. */
public final class Waits {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private Waits() {}

    /** Returns a wait whose nanoseconds fit beside those of a clock. */
    public static Duration countable(Duration wait) {
        return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }
}

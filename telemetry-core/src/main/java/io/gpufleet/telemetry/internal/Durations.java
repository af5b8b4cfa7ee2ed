package io.gpufleet.telemetry.internal;

import java.time.Duration;

/** Durations as people say them: {@code 30 days}, {@code 5 min}, {@code 61 s}, {@code 500 ms}. */
public final class Durations {
    private Durations() {}

    /**
     * Returns a duration in its largest whole unit; one finer than milliseconds as {@link Duration#toString} gives it.
     *
     * @param duration 0 or more
     */
    public static String inWords(Duration duration) {
        if (duration.toDays() > 0 && duration.equals(Duration.ofDays(duration.toDays()))) {
            return duration.toDays() + (duration.toDays() == 1 ? " day" : " days");
        }
        if (duration.equals(Duration.ofMinutes(duration.toMinutes()))) {
            return duration.toMinutes() + " min";
        }
        if (duration.equals(Duration.ofSeconds(duration.toSeconds()))) {
            return duration.toSeconds() + " s";
        }
        return duration.equals(Duration.ofMillis(duration.toMillis()))
                ? duration.toMillis() + " ms"
                : duration.toString();
    }
}

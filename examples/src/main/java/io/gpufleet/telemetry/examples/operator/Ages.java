package io.gpufleet.telemetry.examples.operator;

import java.time.Duration;

/** The text of ages, for people. */
final class Ages {
    private static final Duration MINUTES = Duration.ofMinutes(2);
    private static final Duration HOURS = Duration.ofHours(2);
    private static final Duration DAYS = Duration.ofDays(2);

    private Ages() {}

    /** Returns {@code 5 s ago}, {@code 12 min ago}, {@code 3 h ago} or {@code 9 d ago}; never negative. */
    static String ago(Duration age) {
        if (age.compareTo(MINUTES) < 0) {
            return Math.max(0, age.toSeconds()) + " s ago";
        }
        if (age.compareTo(HOURS) < 0) {
            return age.toMinutes() + " min ago";
        }
        return age.compareTo(DAYS) < 0 ? age.toHours() + " h ago" : age.toDays() + " d ago";
    }
}

package io.gpufleet.telemetry.testkit;

import java.time.Duration;

/**
 * The share of time in use of a GPU: a curve of the day in UTC with idle nights, which differs from day to day. Some
 * GPUs are always in use, some never. The load is constant within an hour; two hours that follow one another differ
 * from the curve by as much in opposite directions, so that a sum over any time needs no sum over its days. Immutable.
 */
final class GpuLoad {
    /** The full load. */
    static final int FULL = 1000;

    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final int HOURS = 24;
    private static final int PAIR = 2;

    private static final int[] DAY = {
        0, 0, 0, 0, 0, 0, 60, 220, 480, 700, 850, 950, 1000, 930, 960, 1000, 940, 820, 640, 450, 260, 120, 40, 0
    };
    private static final int ALWAYS_OF_TEN = 2;
    private static final int NEVER_OF_TEN = 1;

    private final long seed;
    private final int[] curve = new int[HOURS];
    private final long day;

    GpuLoad(long seed) {
        this.seed = seed;
        int level = Noise.between(400, FULL, Noise.of(seed, 1));
        int shift = Noise.between(-2, 2, Noise.of(seed, 2));
        int kind = Noise.below(10, Noise.of(seed, 3));
        long sum = 0;
        for (int hour = 0; hour < HOURS; hour++) {
            curve[hour] = level * share(kind, Math.floorMod(hour + shift, HOURS)) / FULL;
            sum += curve[hour];
        }
        this.day = sum * HOUR;
    }

    private static int share(int kind, int hour) {
        if (kind < ALWAYS_OF_TEN) {
            return FULL;
        }
        return kind < ALWAYS_OF_TEN + NEVER_OF_TEN ? 0 : DAY[hour];
    }

    /** Returns the load at a time: 0 to {@link #FULL}. */
    int at(long millis) {
        long hour = millis / HOUR;
        return at(hour / HOURS, (int) (hour % HOURS));
    }

    private int at(long date, int hour) {
        int other = hour ^ 1;
        int room = Math.min(Math.min(curve[hour], FULL - curve[hour]), Math.min(curve[other], FULL - curve[other]));
        int jitter = Noise.between(-room, room, Noise.of(seed, HOURS + date * HOURS + hour / PAIR));
        return hour < other ? curve[hour] + jitter : curve[hour] - jitter;
    }

    /** Returns the sum of the loads of all milliseconds since 1970. */
    long sum(long millis) {
        long hours = millis / HOUR;
        long date = hours / HOURS;
        int hour = (int) (hours % HOURS);
        long sum = date * day;
        for (int past = 0; past < hour; past++) {
            sum += at(date, past) * HOUR;
        }
        return sum + at(date, hour) * (millis % HOUR);
    }
}

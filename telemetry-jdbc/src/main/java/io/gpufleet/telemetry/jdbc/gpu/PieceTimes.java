package io.gpufleet.telemetry.jdbc.gpu;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * The times of a piece of compacted samples as a row of {@code gpu_sample_times}: distances in the largest unit that
 * loses none. Two are equal if their times are. Immutable.
 */
final class PieceTimes {
    /** The length of a piece in microseconds, chosen by measurement; a UTC day has a whole number of them. */
    static final long LENGTH = TimeUnit.HOURS.toMicros(6);

    private static final int[] UNITS = {1_000_000, 1_000, 1};

    private final long from;
    private final int unit;
    private final long[] gaps;

    private PieceTimes(long from, int unit, long[] gaps) {
        this.from = from;
        this.unit = unit;
        this.gaps = gaps;
    }

    /**
     * Returns the beginning of the piece that holds a time, in UTC.
     *
     * @param micros a time in microseconds since 1970, before it too
     */
    static long startOf(long micros) {
        return Math.floorDiv(micros, LENGTH) * LENGTH;
    }

    /**
     * Returns some times.
     *
     * @param micros one or more different times of one piece in microseconds since 1970, ascending
     */
    static PieceTimes of(long... micros) {
        if (micros.length == 0) {
            throw new IllegalArgumentException("times: there is none");
        }
        long from = startOf(micros[0]);
        long[] gaps = gaps(from, micros);
        int unit = unitOf(gaps);
        return new PieceTimes(
                from, unit, Arrays.stream(gaps).map(gap -> gap / unit).toArray());
    }

    private static long[] gaps(long from, long[] micros) {
        long[] gaps = new long[micros.length];
        long before = from;
        for (int i = 0; i < micros.length; i++) {
            if (startOf(micros[i]) != from || (i > 0 && micros[i] <= before)) {
                throw new IllegalArgumentException(
                        "times: " + micros[i] + " after " + before + " is not a later time in the piece from " + from);
            }
            gaps[i] = micros[i] - before;
            before = micros[i];
        }
        return gaps;
    }

    private static int unitOf(long[] gaps) {
        return Arrays.stream(UNITS)
                .filter(unit -> Arrays.stream(gaps).allMatch(gap -> gap % unit == 0))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the beginning of the piece in microseconds since 1970. */
    long from() {
        return from;
    }

    int samples() {
        return gaps.length;
    }

    /** Returns the unit of the distances in microseconds. */
    int unit() {
        return unit;
    }

    /** Returns whether a distance needs eight bytes. */
    boolean isWide() {
        return Arrays.stream(gaps).anyMatch(gap -> gap > Integer.MAX_VALUE);
    }

    /** Returns the distances for an array of eight bytes a number if they are wide, else of four. */
    Object[] gaps() {
        return isWide()
                ? Arrays.stream(gaps).boxed().toArray()
                : Arrays.stream(gaps).mapToObj(Math::toIntExact).toArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PieceTimes times
                && from == times.from
                && unit == times.unit
                && Arrays.equals(gaps, times.gaps);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(from) + Arrays.hashCode(gaps);
    }

    @Override
    public String toString() {
        return gaps.length + " times from " + from;
    }
}

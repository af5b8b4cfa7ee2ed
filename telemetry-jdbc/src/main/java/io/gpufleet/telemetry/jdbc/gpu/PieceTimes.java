package io.gpufleet.telemetry.jdbc.gpu;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * The times of a piece of compacted samples as a row of {@code gpu_sample_times}: microseconds after the middle of an
 * hour, which fit into four bytes; of a regular cadence, the first one and the step. Two are equal if their times are.
 * Immutable.
 */
final class PieceTimes {
    /** The length of a piece in microseconds, chosen by measurement; a UTC day has a whole number of them. */
    static final long LENGTH = TimeUnit.HOURS.toMicros(1);

    private static final long MIDDLE = LENGTH / 2;
    private static final int FEWEST_IN_STEPS = 3;

    private final long hour;
    private final int[] micros;

    private PieceTimes(long hour, int[] micros) {
        this.hour = hour;
        this.micros = micros;
    }

    /**
     * Returns the beginning of the hour that holds a time, in UTC.
     *
     * @param micros a time in microseconds since 1970, before it too
     */
    static long hourOf(long micros) {
        return Math.floorDiv(micros, LENGTH) * LENGTH;
    }

    /**
     * Returns some times.
     *
     * @param micros one or more different times of one hour in microseconds since 1970, ascending
     */
    static PieceTimes of(long... micros) {
        if (micros.length == 0) {
            throw new IllegalArgumentException("times: there is none");
        }
        long hour = hourOf(micros[0]);
        for (int i = 0; i < micros.length; i++) {
            if (hourOf(micros[i]) != hour || (i > 0 && micros[i] <= micros[i - 1])) {
                throw new IllegalArgumentException("times: " + micros[i] + " after " + micros[Math.max(0, i - 1)]
                        + " is not a later time in the hour from " + hour);
            }
        }
        return new PieceTimes(
                hour,
                Arrays.stream(micros)
                        .mapToInt(time -> Math.toIntExact(time - hour - MIDDLE))
                        .toArray());
    }

    /**
     * Returns times as a row of the table has them.
     *
     * @param hour the beginning of the hour in microseconds since 1970
     * @param samples the number of times
     * @param step the distance of all times; 0 if they have not the same
     * @param micros the times in microseconds after the middle of the hour; the first if there is a step
     */
    static PieceTimes stored(long hour, int samples, int step, Integer... micros) {
        return new PieceTimes(
                hour,
                IntStream.range(0, samples)
                        .map(i -> step == 0 ? micros[i] : micros[0] + i * step)
                        .toArray());
    }

    /** Returns the beginning of the hour in microseconds since 1970. */
    long hour() {
        return hour;
    }

    int samples() {
        return micros.length;
    }

    /** Returns the distance of all times in microseconds; absent if they have not the same, or are only one or two. */
    OptionalInt step() {
        if (micros.length < FEWEST_IN_STEPS) {
            return OptionalInt.empty();
        }
        int step = micros[1] - micros[0];
        boolean isRegular = IntStream.range(1, micros.length).allMatch(i -> micros[i] - micros[i - 1] == step);
        return isRegular ? OptionalInt.of(step) : OptionalInt.empty();
    }

    /** Returns the times in microseconds after the middle of the hour. */
    Object[] micros() {
        return Arrays.stream(micros).boxed().toArray(Integer[]::new);
    }

    /** Returns the same, or the first of them if there is a step. */
    Object[] microsUnlessInSteps() {
        return step().isPresent() ? new Integer[] {micros[0]} : micros();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PieceTimes times && hour == times.hour && Arrays.equals(micros, times.micros);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(hour) + Arrays.hashCode(micros);
    }

    @Override
    public String toString() {
        return micros.length + " times from " + hour;
    }
}

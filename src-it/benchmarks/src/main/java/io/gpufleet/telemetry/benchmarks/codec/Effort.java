package io.gpufleet.telemetry.benchmarks.codec;

import java.util.Locale;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * The extent of a measurement. A pass measures everything once, each measurement in a JVM of its own, so that several
 * passes lie apart in time and other work of the machine affects all formats alike.
 */
enum Effort {
    /** A check in this JVM that everything runs; the figures mean nothing. */
    SMOKE(1, 0, 0, 1, 10),
    /** A few minutes. */
    QUICK(1, 1, 4, 3, 120),
    /** A quarter of an hour: a slow moment of the machine spoils two passes, and the median ignores them. */
    FULL(5, 1, 4, 3, 300);

    final int passes;
    final int forks;
    final int warmups;
    final int rounds;
    final int roundMillis;

    Effort(int passes, int forks, int warmups, int rounds, int roundMillis) {
        this.passes = passes;
        this.forks = forks;
        this.warmups = warmups;
        this.rounds = rounds;
        this.roundMillis = roundMillis;
    }

    TimeValue roundTime() {
        return TimeValue.milliseconds(roundMillis);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT) + ": JVMs for a figure: " + passes * forks + ", rounds in each: "
                + rounds + " of " + roundMillis + " ms, after a warm-up of " + warmups;
    }
}

package io.gpufleet.telemetry.benchmarks.codec;

import java.util.Locale;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * How long is measured. A pass goes through everything once, each measurement in a JVM of its own, so that several
 * passes lie apart in time and what else the machine does falls on all formats alike.
 */
enum Effort {
    /** Shows that everything runs, in this JVM; its figures mean nothing. */
    SMOKE(1, 0, 0, 1, 10),
    /** Some minutes. */
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

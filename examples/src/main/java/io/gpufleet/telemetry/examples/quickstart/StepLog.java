package io.gpufleet.telemetry.examples.quickstart;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Prints the steps of the program, with the seconds since its start. Not thread-safe. */
final class StepLog {
    private static final double NANOS = 1e9;

    private final PrintStream out;
    private final LongSupplier nanoTime;
    private final long startNanos;

    StepLog(PrintStream out, LongSupplier nanoTime) {
        this.out = out;
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
    }

    void add(String step) {
        double seconds = (nanoTime.getAsLong() - startNanos) / NANOS;
        out.println(String.format(Locale.ROOT, "%6.1f s  %s", seconds, step));
    }
}

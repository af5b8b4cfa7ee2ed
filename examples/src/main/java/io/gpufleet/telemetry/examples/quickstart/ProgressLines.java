package io.gpufleet.telemetry.examples.quickstart;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.kafka.ConsumerSnapshot;
import io.gpufleet.telemetry.kafka.ConsumerSnapshot.Counts;
import java.io.PrintStream;
import java.util.Locale;

/** Prints the progress of a consumer: one line each time, below one header. Not thread-safe. */
final class ProgressLines {
    private static final double NANOS = 1e9;

    private final PrintStream out;
    private final long startNanos;
    private long lastNanos;
    private long lastDurable;

    ProgressLines(PrintStream out, long startNanos) {
        this.out = out;
        this.startNanos = startNanos;
        this.lastNanos = startNanos;
        out.println();
        out.println("consuming        rate       lag   batches  dead letters");
    }

    /** Returns the seconds since the last line was printed. */
    double secondsSinceLine(long nowNanos) {
        return (nowNanos - lastNanos) / NANOS;
    }

    /** Prints a line, with the reason if the consumer is not healthy. */
    void print(long nowNanos, ConsumerSnapshot snapshot, Health health) {
        Counts counts = snapshot.counts();
        long durable = counts.deliveriesWritten() + counts.deadLetters();
        out.println(String.format(
                Locale.ROOT,
                "%6.1f s  %,9.0f/s  %8s  %,8d  %,12d%s",
                (nowNanos - startNanos) / NANOS,
                (durable - lastDurable) / secondsSinceLine(nowNanos),
                lag(snapshot),
                counts.batches(),
                counts.deadLetters(),
                health.reasons().isEmpty() ? "" : "  " + health));
        lastNanos = nowNanos;
        lastDurable = durable;
    }

    /** Returns the records still to consume, or a dash while the ends of the logs are unknown. */
    private static String lag(ConsumerSnapshot snapshot) {
        boolean known = !snapshot.partitions().isEmpty()
                && snapshot.partitions().values().stream()
                        .allMatch(progress -> progress.lag().isPresent());
        return known ? Text.count(snapshot.totalLag()) : "-";
    }
}

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

    private static final String FORM = "%9s  %13s  %14s  %8s  %12s  %s";

    private final PrintStream out;
    private final long startNanos;
    private long lastNanos;
    private long lastDurable;

    /**
     * Prints the header.
     *
     * @param values the plural of what a record holds
     */
    ProgressLines(PrintStream out, String values, long startNanos) {
        this.out = out;
        this.startNanos = startNanos;
        this.lastNanos = startNanos;
        out.println();
        out.println(
                String.format(FORM, "consuming", values + "/s", "lag in records", "batches", "dead letters", "health"));
    }

    /** Returns the seconds since the last line was printed. */
    double secondsSinceLine(long nowNanos) {
        return (nowNanos - lastNanos) / NANOS;
    }

    /** Prints a line, with the reasons if the consumer is not healthy. */
    void print(long nowNanos, ConsumerSnapshot snapshot, Health health) {
        Counts counts = snapshot.counts();
        long durable = counts.deliveriesWritten() + counts.deadLetters();
        out.println(String.format(
                FORM,
                String.format(Locale.ROOT, "%.1f s", (nowNanos - startNanos) / NANOS),
                Text.count(Math.round((durable - lastDurable) / secondsSinceLine(nowNanos))),
                lag(snapshot),
                Text.count(counts.batches()),
                Text.count(counts.deadLetters()),
                health));
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

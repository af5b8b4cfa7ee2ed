package io.gpufleet.telemetry.examples.consumer;

import io.gpufleet.telemetry.examples.options.AtSignal;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import java.io.PrintWriter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The orderly end of a consumer by SIGTERM or SIGINT, and of the process with its own exit code: 0 if all records in
 * flight are written. By default a JVM would end with 143, whether records were lost or not. Thread-safe.
 */
final class EndBySignal implements AutoCloseable {
    private static final Duration LONGEST_RELEASE = Duration.ofSeconds(5);

    /** The time after the limit at which the process ends, even if a call to the database hangs. */
    private static final Duration BEYOND_THE_LIMIT = Duration.ofSeconds(1);

    private final Duration limit;
    private final PrintWriter out;
    private final AtSignal signal;
    private volatile @Nullable BatchingConsumer consumer;

    private EndBySignal(Duration limit, PrintWriter out) {
        this.limit = limit;
        this.out = out;
        this.signal = AtSignal.install(this::end);
    }

    static EndBySignal install(Duration limit, PrintWriter out) {
        return new EndBySignal(limit, out);
    }

    /** Sets the consumer to end; before that, a signal ends the process at once. */
    void ends(BatchingConsumer running) {
        consumer = running;
    }

    private void end(AtSignal hook) {
        long deadline = System.nanoTime() + limit.plus(BEYOND_THE_LIMIT).toNanos();
        BatchingConsumer running = consumer;
        long unwritten = running == null ? 0 : running.close(limit);
        out.println(words(running != null, unwritten));
        out.flush();
        if (running != null) {
            // The program's thread is still closing the pool.
            hook.awaitClose(Duration.ofNanos(Math.min(deadline - System.nanoTime(), LONGEST_RELEASE.toNanos())));
        }
        Runtime.getRuntime().halt(unwritten == 0 ? ExitCodes.OK : ExitCodes.NOT_SO);
    }

    private static String words(boolean begun, long unwritten) {
        if (!begun) {
            return "Ended before it began to consume";
        }
        return unwritten == 0
                ? "Ended, all records in flight are written"
                : "Ended, " + Text.count(unwritten, "record is", "records are")
                        + " not written and will be delivered again";
    }

    /** Ends the wait for signals; the program ends by itself, unless a signal came first. */
    @Override
    public void close() {
        signal.close();
    }
}

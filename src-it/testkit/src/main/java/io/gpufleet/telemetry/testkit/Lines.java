package io.gpufleet.telemetry.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The lines of a child process's output so far, the last 100,000 of them.
 *
 * <p>{@link #of} starts a daemon thread {@code telemetry-forked-output}, which ends with the stream. Thread-safe.
 */
final class Lines {
    private static final int KEPT = 100_000;
    private static final int TAIL = 30;

    private final Object lock = new Object();
    private final Deque<String> lines = new ArrayDeque<>();
    private final CountDownLatch end = new CountDownLatch(1);

    private Lines() {}

    static Lines of(InputStream stream) {
        Lines lines = new Lines();
        Thread reader = new Thread(() -> lines.read(stream), "telemetry-forked-output");
        reader.setDaemon(true);
        reader.start();
        return lines;
    }

    List<String> all() {
        synchronized (lock) {
            return List.copyOf(lines);
        }
    }

    Optional<String> first(String prefix) {
        synchronized (lock) {
            return lines.stream().filter(line -> line.startsWith(prefix)).findFirst();
        }
    }

    /** Returns whether the output has ended. */
    boolean hasEnded() {
        return end.getCount() == 0;
    }

    /** Waits for the end of the output; an interrupt ends the wait and is restored. */
    void awaitEnd(Duration limit) {
        try {
            // If it takes longer, another process has inherited the stream, whose lines are not awaited.
            boolean unused = end.await(TimeUnit.NANOSECONDS.convert(limit), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    String tail() {
        List<String> all = all();
        return String.join("\n", all.subList(Math.max(0, all.size() - TAIL), all.size()));
    }

    private void read(InputStream stream) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                keep(line);
            }
        } catch (IOException e) {
            // The pipe of a killed process: its output so far is here, and no more follows.
        } finally {
            end.countDown();
        }
    }

    private void keep(String line) {
        synchronized (lock) {
            lines.add(line);
            if (lines.size() > KEPT) {
                lines.remove();
            }
        }
    }
}

package io.gpufleet.telemetry.benchmarks.pipeline;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The measurement of one round, from the poll of the first record until the last one is durable. Thread-safe. */
public final class Measurement {
    /** Longer than the slowest row takes. */
    private static final Duration LIMIT = Duration.ofMinutes(30);

    private static final double NANOS_PER_SECOND = 1e9;

    private final long createdNanos = System.nanoTime();
    private final ServerCpu serverCpu;
    private final long records;
    private final AtomicLong left;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<Figures> figures = new CompletableFuture<>();
    private volatile @Nullable Moment beginning;

    Measurement(ServerCpu serverCpu, long records) {
        this.serverCpu = serverCpu;
        this.records = records;
        this.left = new AtomicLong(records);
    }

    /**
     * Returns a measurement that waits for a number of records.
     *
     * @param records the number of records, or of the values that are counted in their place
     */
    public static Measurement of(Servers servers, long records) {
        return new Measurement(ServerCpu.of(servers.postgres()), records);
    }

    /** Begins with the first record. Only the first call counts. */
    public void begin() {
        if (begun.compareAndSet(false, true)) {
            beginning = now();
        }
    }

    /** Counts more durable records. */
    public void done(long count) {
        if (left.addAndGet(-count) <= 0) {
            Moment first = beginning;
            if (first == null) {
                throw new IllegalStateException("records are durable, but the measurement has not begun");
            }
            figures.complete(now().since(first, records));
        }
    }

    /**
     * Returns whether all records are durable.
     *
     * @throws IllegalStateException if they are not, after longer than any row takes
     */
    public boolean isDone() {
        if (!figures.isDone() && System.nanoTime() - createdNanos > LIMIT.toNanos()) {
            throw new IllegalStateException(left + " of " + records + " records are left after " + LIMIT);
        }
        return figures.isDone();
    }

    /** Waits for the last record. */
    public Figures await() throws InterruptedException {
        return await(new CompletableFuture<Void>());
    }

    /** Waits for the last record, or for the end of its consumer. */
    Figures await(CompletableFuture<Void> end) throws InterruptedException {
        try {
            CompletableFuture.anyOf(figures, end).get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("failed with " + left + " of " + records + " records left", e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException(left + " of " + records + " records are left after " + LIMIT, e);
        }
        if (!figures.isDone()) {
            throw new IllegalStateException("ended with " + left + " of " + records + " records left");
        }
        return figures.join();
    }

    /** Returns the difference of two numbers; absent if one of them is. */
    static OptionalDouble difference(OptionalDouble later, OptionalDouble earlier) {
        return later.isPresent() && earlier.isPresent()
                ? OptionalDouble.of(later.getAsDouble() - earlier.getAsDouble())
                : OptionalDouble.empty();
    }

    private Moment now() {
        return new Moment(System.nanoTime(), clientCpuNanos(), serverCpu.seconds());
    }

    private static long clientCpuNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }

    private record Moment(long nanos, long clientCpuNanos, OptionalDouble serverCpuSeconds) {
        Figures since(Moment first, long records) {
            return new Figures(
                    records,
                    (nanos - first.nanos) / NANOS_PER_SECOND,
                    (clientCpuNanos - first.clientCpuNanos) / NANOS_PER_SECOND,
                    difference(serverCpuSeconds, first.serverCpuSeconds));
        }
    }
}

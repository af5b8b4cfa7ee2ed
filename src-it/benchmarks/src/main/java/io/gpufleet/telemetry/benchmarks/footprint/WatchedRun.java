package io.gpufleet.telemetry.benchmarks.footprint;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** The run of a consumer until it has written a number of values, with the use of resources of its JVM. */
final class WatchedRun {
    /**
     * The beginning of the result line: values, seconds of CPU, bytes allocated, most bytes of heap, most KiB of
     * memory.
     */
    static final String FIGURES = "figures ";

    private static final long PAUSE_NANOS = Duration.ofMillis(50).toNanos();
    private static final String MOST_MEMORY = "VmHWM:";

    private WatchedRun() {}

    /** Starts the consumer, waits for its values, and prints the figures. */
    static void run(BatchingConsumer.Builder<?> consumer, long wanted) throws IOException {
        AtomicLong written = new AtomicLong();
        CountDownLatch done = new CountDownLatch(1);
        consumer.listener(event -> {
            if (event instanceof TelemetryEvent.BatchWritten batch && written.addAndGet(batch.deliveries()) >= wanted) {
                done.countDown();
            }
        });
        try (BatchingConsumer started = consumer.start()) {
            long most = mostHeap(started, done);
            if (done.getCount() > 0) {
                started.termination().join();
                throw new IllegalStateException("consumer has ended with " + written + " of " + wanted);
            }
            System.out.println(
                    FIGURES + written + " " + cpuSeconds() + " " + allocated() + " " + most + " " + mostMemory());
        }
    }

    private static long mostHeap(BatchingConsumer consumer, CountDownLatch done) {
        long most = 0;
        while (done.getCount() > 0 && !consumer.termination().isDone()) {
            most = Math.max(
                    most,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return most;
    }

    private static double cpuSeconds() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                        .getProcessCpuTime()
                / 1e9;
    }

    /** Returns the bytes allocated by the living threads, which are all threads that do real work. */
    private static long allocated() {
        var threads = ManagementFactory.getPlatformMXBean(com.sun.management.ThreadMXBean.class);
        return Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
                .filter(bytes -> bytes > 0)
                .sum();
    }

    /** Returns the most memory of the process so far, in KiB; 0 if the system does not report it. */
    private static long mostMemory() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.isReadable(status)
                ? Files.readString(status, UTF_8)
                        .lines()
                        .filter(line -> line.startsWith(MOST_MEMORY))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElse(0)
                : 0;
    }
}

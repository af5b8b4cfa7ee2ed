package io.gpufleet.telemetry.benchmarks.footprint;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import java.lang.management.ManagementFactory;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A consumer in a JVM of its own, as in a host, with its defaults and a slow database. It ends when it has written a
 * number of heartbeats, and prints its use of resources.
 */
final class SlowConsumer {
    /** The beginning of the result line: heartbeats, seconds of CPU, bytes allocated, most bytes of heap. */
    static final String FIGURES = "figures ";

    private static final long PAUSE_NANOS = Duration.ofMillis(50).toNanos();

    private SlowConsumer() {}

    /**
     * Runs the program.
     *
     * @param arguments servers, JDBC URL, topic, the heartbeats to write, milliseconds that each write waits
     */
    public static void main(String[] arguments) throws Exception {
        long wanted = Long.parseLong(arguments[3]);
        double delay = Integer.parseInt(arguments[4]) / 1_000.0;
        AtomicLong written = new AtomicLong();
        CountDownLatch done = new CountDownLatch(1);
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(arguments[1]);
        var sink = HeartbeatSink.builder(pool)
                .inTransaction((connection, batch) -> {
                    try (Statement statement = connection.createStatement()) {
                        statement.execute("SELECT pg_sleep(" + delay + ")");
                    }
                })
                .build();
        try (pool;
                BatchingConsumer consumer = HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), sink)
                        .validator(HeartbeatValidator.builder().anyAge().build())
                        .bootstrapServers(arguments[0])
                        .topics(arguments[2])
                        .groupId(arguments[2])
                        .listener(event -> {
                            if (event instanceof TelemetryEvent.BatchWritten batch
                                    && written.addAndGet(batch.deliveries()) >= wanted) {
                                done.countDown();
                            }
                        })
                        .start()) {
            long most = 0;
            while (done.getCount() > 0 && !consumer.termination().isDone()) {
                most = Math.max(
                        most,
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            if (done.getCount() > 0) {
                consumer.termination().join();
                throw new IllegalStateException("consumer has ended with " + written + " of " + wanted);
            }
            System.out.println(FIGURES + written + " " + cpuSeconds() + " " + allocated() + " " + most);
        }
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
}

package io.gpufleet.telemetry.integration.faults;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.gpu.CompactionJob;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A compaction in a JVM of its own, run after run. Its settings are the system properties that are named here. */
final class CompactorMain {
    static final String JDBC_URL = "compactor.jdbc-url";
    /** The begin of the line of a run that has compacted something. */
    static final String COMPACTED = "compacted ";
    /** The begin of the line of a run that has failed. */
    static final String FAILED = "failed: ";

    private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

    private CompactorMain() {}

    public static void main(String[] arguments) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(System.getProperty(JDBC_URL));
        pool.setMaximumPoolSize(2);
        pool.setInitializationFailTimeout(-1);
        try (pool;
                CompactionJob job = job(pool)) {
            while (!Thread.currentThread().isInterrupted()) {
                run(job);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    static CompactionJob job(HikariDataSource pool) {
        return CompactionJob.builder(pool)
                .afterDays(2)
                .lockTimeout(Duration.ofSeconds(1))
                .lease(Duration.ofSeconds(3))
                .build();
    }

    private static void run(CompactionJob job) {
        try {
            long samples = job.runOnce().samples();
            if (samples > 0) {
                System.out.println(COMPACTED + samples);
            }
        } catch (TelemetryException e) {
            System.out.println(FAILED + e.getMessage());
        }
    }
}

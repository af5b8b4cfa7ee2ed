package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.internal.OwnThread;
import io.gpufleet.telemetry.internal.StateLock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The runs of a job at present, each in a thread, with their leases. Thread-safe. */
final class CompactionRuns {
    private final StateLock lock = new StateLock();
    private final Map<Thread, CompactionLease> leases = new HashMap<>();

    /** Makes a run in the current thread. */
    <R> R call(CompactionLease lease, Supplier<R> run) {
        lock.change(() -> leases.put(Thread.currentThread(), lease));
        try {
            return run.get();
        } finally {
            lock.change(() -> leases.remove(Thread.currentThread()));
        }
    }

    /** Waits for the end of the runs of other threads, and returns whether they have ended in time. */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        Thread caller = Thread.currentThread();
        return lock.await(() -> leases.keySet().stream().allMatch(caller::equals), limit.toNanos());
    }

    /** Gives the leases of the runs back, in a thread of its own, since a pool may have no connection left. */
    void release(Duration limit) throws InterruptedException {
        List<CompactionLease> held = lock.get(() -> List.copyOf(leases.values()));
        Thread release = new OwnThread(() -> held.forEach(CompactionLease::giveBack), "telemetry-compaction-release");
        release.setDaemon(true);
        release.start();
        release.join(limit.toMillis());
    }
}

package io.gpufleet.telemetry.benchmarks.pipeline;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Several tasks at the same time. */
final class AtOnce {
    private AtOnce() {}

    /** Runs each task on a thread of its own, waits for all of them, and fails if one has failed. */
    static void run(List<Callable<Void>> work) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(work.size(), AtOnce::thread);
        try {
            for (Future<Void> done : threads.invokeAll(work)) {
                done.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("one of " + work.size() + " threads failed", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "telemetry-benchmark");
        thread.setDaemon(true);
        return thread;
    }
}

package io.gpufleet.telemetry.testkit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The end of processes that this JVM has started, always by their own handle. */
final class ChildProcess {
    private static final Duration KILL_LIMIT = Duration.ofSeconds(30);

    private ChildProcess() {}

    /**
     * Waits for the end of the process.
     *
     * @return its exit code
     * @throws AssertionError when it has not ended in time, or the thread was interrupted
     */
    static int awaitExit(Process process, Duration limit) {
        if (hasEnded(process, limit)) {
            return process.exitValue();
        }
        throw new AssertionError("process " + process.pid() + " has not ended within " + limit);
    }

    /** Returns whether the process ends in time; an interrupt ends the wait and is restored. */
    static boolean hasEnded(Process process, Duration limit) {
        try {
            return process.waitFor(TimeUnit.NANOSECONDS.convert(limit), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Kills all of them (SIGKILL), and waits until they are gone. */
    static void kill(List<ProcessHandle> family) {
        family.forEach(ProcessHandle::destroyForcibly);
        CompletableFuture<?>[] ends = family.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(ends)
                .orTimeout(KILL_LIMIT.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** Kills the process (SIGKILL), and waits until it is gone. A suspended process dies too. */
    static void kill(Process process) {
        kill(List.of(process.toHandle()));
    }
}

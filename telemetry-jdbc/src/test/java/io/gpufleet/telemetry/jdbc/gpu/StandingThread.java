package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.testkit.Await;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The thread of a test that stands, mostly in a transaction with locks, until it may go on; and those that wait. */
final class StandingThread implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Database database;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);

    StandingThread(Database database) {
        this.database = database;
    }

    /** Runs a task in a thread of its own. */
    Future<?> start(Runnable task) {
        return threads.submit(task);
    }

    /** Runs a task in a thread of its own. */
    <V> Future<V> call(Callable<V> task) {
        return threads.submit(task);
    }

    /** Runs tasks at the same time, to their ends. */
    void runAll(Collection<Callable<Void>> tasks) throws Exception {
        for (Future<Void> done : threads.invokeAll(tasks)) {
            done.get();
        }
    }

    /** Stands until {@link #goOn} or an interrupt, which stays set. */
    void stand() {
        inside.countDown();
        try {
            assertThat(go.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts a task, and waits until it stands. */
    Future<?> startAndAwait(Runnable task) throws InterruptedException {
        Future<?> started = start(task);
        awaitStanding();
        return started;
    }

    /** Waits until a task stands. */
    void awaitStanding() throws InterruptedException {
        inside.await();
    }

    /** Waits until some sessions wait for a lock. */
    void awaitLockWaits(int sessions) {
        Await.until(
                sessions + " sessions that wait for a lock",
                LIMIT,
                () -> database.row("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND wait_event_type = 'Lock'")
                        .equals(Integer.toString(sessions)));
    }

    /** Ends the standing, and waits for tasks. */
    void goOn(Future<?>... tasks) throws Exception {
        go.countDown();
        for (Future<?> task : tasks) {
            task.get();
        }
    }

    @Override
    public void close() {
        go.countDown();
        threads.shutdownNow();
    }
}

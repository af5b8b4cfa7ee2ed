package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.internal.OwnThread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The threads of one consumer: the one that polls, the lanes, and those that ask the cluster and the store. The failure
 * of any thread is reported. All are created before the first is started; thread-safe from then on.
 */
final class ConsumerThreads {
    private final String groupId;
    private final Consumer<Throwable> failures;
    private final Thread poll;
    private final List<Thread> lanes = new ArrayList<>();
    private final List<Thread> askers = new ArrayList<>();

    /**
     * Creates the poll thread, the only one that is not a daemon.
     *
     * @param failures the receiver of a thread's exception or error
     */
    ConsumerThreads(String groupId, Runnable poll, Consumer<Throwable> failures) {
        this.groupId = groupId;
        this.failures = failures;
        this.poll = thread("poll", poll, false);
    }

    void lane(int number, Runnable body) {
        lanes.add(thread("lane-" + number, body, true));
    }

    /** Adds a thread that asks the cluster or the store, and writes nothing. */
    void asker(String role, Runnable body) {
        askers.add(thread(role, body, true));
    }

    private Thread thread(String role, Runnable body, boolean daemon) {
        Runnable guarded = () -> {
            try {
                body.run();
            } catch (Throwable e) {
                failures.accept(e);
            }
        };
        Thread thread = new OwnThread(guarded, "telemetry-" + role + "-" + groupId);
        thread.setDaemon(daemon);
        return thread;
    }

    void start() {
        lanes.forEach(Thread::start);
        askers.forEach(Thread::start);
        poll.start();
    }

    void joinLanes(Duration limit) throws InterruptedException {
        join(lanes, limit);
    }

    void interruptLanes() {
        lanes.forEach(Thread::interrupt);
    }

    void joinAskers(Duration limit) throws InterruptedException {
        join(askers, limit);
    }

    void joinPoll(Duration limit) throws InterruptedException {
        join(List.of(poll), limit);
    }

    private static void join(List<Thread> threads, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (Thread thread : threads) {
            long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            thread.join(Math.max(1, millis));
        }
    }

    /** Returns whether the caller is one of these threads, which cannot wait for its own end. */
    boolean isCurrent() {
        return all().anyMatch(thread -> thread == Thread.currentThread());
    }

    /** Returns the threads that have ended while the consumer runs, for whatever cause. */
    List<Trouble> dead() {
        return all().filter(thread -> thread.getState() == Thread.State.TERMINATED)
                .map(thread ->
                        new Trouble(Concern.ENDED, thread.getName(), "the thread " + thread.getName() + " has ended"))
                .toList();
    }

    private Stream<Thread> all() {
        return Stream.of(lanes, askers, List.of(poll)).flatMap(List::stream);
    }
}

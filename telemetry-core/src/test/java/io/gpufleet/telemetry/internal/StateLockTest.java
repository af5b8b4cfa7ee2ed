package io.gpufleet.telemetry.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateLockTest {
    private static final long LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final StateLock lock = new StateLock();
    private int state;

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    /** A call on a thread of its own. */
    private record Call<T>(FutureTask<T> task, Thread thread) {
        static <T> Call<T> start(Callable<T> body) {
            FutureTask<T> task = new FutureTask<>(body);
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            thread.start();
            return new Call<>(task, thread);
        }

        static <T> Call<T> startAndWait(Callable<T> body) {
            Call<T> call = start(body);
            call.awaitTheWait();
            return call;
        }

        void awaitTheWait() {
            await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        }

        T result() throws Exception {
            return task.get(10, TimeUnit.SECONDS);
        }
    }

    private Call<Boolean> waiter(BooleanSupplier wanted) {
        return Call.startAndWait(() -> lock.await(wanted, StateLock.NO_LIMIT));
    }

    @Test
    void change_wakesTheThreadThatWaits() throws Exception {
        Call<Boolean> waiter = waiter(() -> state == 1);

        lock.change(() -> state = 1);

        assertThat(waiter.result()).isTrue();
    }

    /** The one that is woken first may want another state. */
    @Test
    void change_wakesAllThatWait() throws Exception {
        List<Call<Boolean>> waiters = IntStream.rangeClosed(1, 3)
                .mapToObj(wanted -> waiter(() -> state >= 4 - wanted))
                .toList();

        for (int wanted = 1; wanted <= 3; wanted++) {
            int next = wanted;
            lock.change(() -> state = next);
            assertThat(waiters.get(3 - wanted).result()).isTrue();
        }
    }

    @Test
    void await_goesOnAfterAChangeOfSomethingElse() throws Exception {
        Call<Boolean> waiter = waiter(() -> state == 2);

        lock.change(() -> state = 1);
        waiter.awaitTheWait();
        assertThat(waiter.task()).isNotDone();
        lock.change(() -> state = 2);

        assertThat(waiter.result()).isTrue();
    }

    @Test
    void await_doesNotWaitForWhatIsSo() throws InterruptedException {
        Thread.currentThread().interrupt();

        assertThat(lock.await(() -> true, StateLock.NO_LIMIT)).isTrue();
        assertThat(lock.await(() -> true, 0)).isTrue();
        assertThat(lock.await(() -> true, Long.MIN_VALUE)).isTrue();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void await_doesNotWaitWithoutTime() throws InterruptedException {
        Thread.currentThread().interrupt();

        assertThat(lock.await(() -> false, 0)).isFalse();
        assertThat(lock.await(() -> false, Long.MIN_VALUE)).isFalse();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void await_givesUpAtItsLimit() throws InterruptedException {
        long begun = System.nanoTime();

        assertThat(lock.await(() -> false, LIMIT_NANOS)).isFalse();

        assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(LIMIT_NANOS);
    }

    /** Also the last look counts: the state may come with the limit. */
    @Test
    void await_looksAgainAtItsLimit() throws InterruptedException {
        long begun = System.nanoTime();

        assertThat(lock.await(() -> System.nanoTime() - begun >= LIMIT_NANOS, LIMIT_NANOS))
                .isTrue();
    }

    @Test
    void await_isNotProlongedByChanges() throws Exception {
        Call<Boolean> waiter = Call.start(() -> lock.await(() -> false, LIMIT_NANOS));

        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            lock.change(() -> state++);
            return waiter.task().isDone();
        });

        assertThat(waiter.result()).isFalse();
    }

    @Test
    void await_endsWithAnInterrupt() {
        Call<Boolean> waiter = waiter(() -> false);

        waiter.thread().interrupt();

        assertThatThrownBy(waiter::result).hasCauseInstanceOf(InterruptedException.class);
        lock.change(() -> state = 1);
        assertThat(lock.<Integer>get(() -> state)).as("the lock is free").isOne();
    }

    @Test
    void awaitUninterruptibly_keepsTheInterrupt() throws Exception {
        Call<Boolean> waiter = Call.startAndWait(() -> {
            boolean so = lock.awaitUninterruptibly(() -> state == 1, StateLock.NO_LIMIT);
            return so && Thread.currentThread().isInterrupted();
        });

        waiter.thread().interrupt();
        await().until(() -> !waiter.thread().isInterrupted());
        waiter.awaitTheWait();
        lock.change(() -> state = 1);

        assertThat(waiter.result()).isTrue();
    }

    @Test
    void awaitUninterruptibly_waitsForTheChange() throws Exception {
        Call<Boolean> waiter = Call.startAndWait(() ->
                lock.awaitUninterruptibly(() -> state == 1, Duration.ofHours(1).toNanos()));

        lock.change(() -> state = 1);

        assertThat(waiter.result()).isTrue();
    }

    @Test
    void awaitUninterruptibly_isNotProlongedByInterrupts() throws Exception {
        Call<Boolean> waiter = Call.start(() -> lock.awaitUninterruptibly(() -> false, LIMIT_NANOS));

        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            waiter.thread().interrupt();
            return waiter.task().isDone();
        });

        assertThat(waiter.result()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void awaitUninterruptibly_doesNotWaitWithoutTime(long limit) throws Exception {
        Call<Boolean> waiter = Call.start(() -> lock.awaitUninterruptibly(() -> false, limit));

        assertThat(waiter.result()).isFalse();
    }

    @Test
    void change_thatFails_leavesTheLock() throws Exception {
        assertThatThrownBy(() -> lock.change(() -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");

        assertThat(Call.start(() -> lock.<Integer>get(() -> state)).result()).isZero();
    }

    @Test
    void get_waitsForAChangeUnderWay() throws Exception {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        CompletableFuture<Void> end = new CompletableFuture<>();
        Call<Boolean> change = Call.start(() -> {
            lock.change(() -> {
                state = 1;
                begun.complete(null);
                end.join();
                state = 2;
            });
            return true;
        });
        begun.get(10, TimeUnit.SECONDS);

        Call<Integer> reader = Call.start(() -> lock.get(() -> state));
        await().until(() -> reader.thread().getState() == Thread.State.WAITING
                || reader.task().isDone());
        end.complete(null);

        assertThat(reader.result()).isEqualTo(2);
        assertThat(change.result()).isTrue();
    }
}

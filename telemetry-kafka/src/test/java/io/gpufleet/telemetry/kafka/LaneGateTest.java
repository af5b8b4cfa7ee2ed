package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.OffsetRange;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LaneGateTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int RACES = 3_000;

    private final LaneGate gate = new LaneGate();
    private final Generation first = Logs.generation(0);
    private final Generation second = Logs.generation(1);
    private final Batch<String> batch = Batch.<String>builder()
            .open(Logs.partition(0), Logs.ID, 0)
            .open(Logs.partition(1), Logs.ID, 0)
            .build();

    private Batch<String> enter() {
        return gate.enter(batch, Map.of(Logs.partition(0), first, Logs.partition(1), second));
    }

    private boolean isIdle(int partition, Duration limit) throws InterruptedException {
        return gate.awaitIdle(Set.of(Logs.partition(partition)), limit);
    }

    @Test
    void enter_passesABatchOfCurrentGenerations() {
        assertThat(enter()).isSameAs(batch);
    }

    @Test
    void enter_leavesOutWhatIsStale() {
        first.end();

        assertThat(enter().ranges()).extracting(OffsetRange::partition).containsExactly(Logs.partition(1));
    }

    @Test
    void awaitIdle_doesNotWaitWithoutATransaction() throws InterruptedException {
        assertThat(isIdle(0, Duration.ZERO)).isTrue();
        enter();
        gate.leave();
        assertThat(isIdle(0, Duration.ZERO)).isTrue();
    }

    @Test
    void awaitIdle_doesNotWaitForOtherPartitions() throws InterruptedException {
        enter();

        assertThat(isIdle(2, LONG)).isTrue();
    }

    @Test
    void awaitIdle_doesNotWaitForWhatWasLeftOut() throws InterruptedException {
        first.end();
        enter();

        assertThat(isIdle(0, Duration.ZERO)).isTrue();
        assertThat(isIdle(1, Duration.ZERO)).isFalse();
    }

    @Test
    void awaitIdle_givesUpAtItsLimit() throws InterruptedException {
        enter();
        long begun = System.nanoTime();

        assertThat(isIdle(0, Duration.ofMillis(5))).isFalse();

        assertThat(System.nanoTime() - begun)
                .isGreaterThanOrEqualTo(Duration.ofMillis(5).toNanos());
    }

    @Test
    void awaitIdle_waitsForTheTransactionInFlight() throws Exception {
        enter();
        AtomicReference<Thread> waiter = new AtomicReference<>();
        CompletableFuture<Boolean> idle = CompletableFuture.supplyAsync(() -> {
            waiter.set(Thread.currentThread());
            try {
                return isIdle(0, LONG);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        await().until(() -> waiter.get() != null && waiter.get().getState() == Thread.State.TIMED_WAITING);
        assertThat(idle).isNotDone();
        gate.leave();

        assertThat(idle.get()).isTrue();
    }

    /**
     * Once a generation has ended and the gate is idle, another consumer may get the partition: nothing of it may be
     * written.
     */
    @Test
    void enter_neverPassesWhatEndedBeforeTheGateWasIdle() throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        AtomicReference<Generation> current = new AtomicReference<>(first);
        AtomicBoolean handedOn = new AtomicBoolean();
        CompletableFuture<Integer> lane = CompletableFuture.supplyAsync(() -> write(start, current, handedOn));
        for (int race = 0; race < RACES; race++) {
            Generation generation = Logs.generation(0);
            current.set(generation);
            handedOn.set(false);
            start.await();
            generation.end();
            handedOn.set(isIdle(0, LONG));
            start.await();
        }

        assertThat(lane.get()).as("writes behind the end").isZero();
    }

    private int write(CyclicBarrier start, AtomicReference<Generation> current, AtomicBoolean handedOn) {
        int late = 0;
        try {
            for (int race = 0; race < RACES; race++) {
                start.await();
                Generation generation = current.get();
                Batch<String> rest =
                        gate.enter(batch.without(Set.of(Logs.partition(1))), Map.of(Logs.partition(0), generation));
                for (int i = 0; i < 50 && !handedOn.get(); i++) {
                    Thread.onSpinWait();
                }
                late += !rest.ranges().isEmpty() && handedOn.get() ? 1 : 0;
                gate.leave();
                start.await();
            }
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
        return late;
    }
}

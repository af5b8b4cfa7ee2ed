package io.gpufleet.telemetry.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class OwnThreadTest {

    /** Runs steps in a thread of ours, and returns what each step saw. */
    private static <R> List<R> onOwnThread(List<FutureTask<R>> steps) throws Exception {
        OwnThread thread = new OwnThread(() -> steps.forEach(FutureTask::run), "telemetry-test");
        thread.start();
        thread.join();
        List<R> seen = new ArrayList<>();
        for (FutureTask<R> step : steps) {
            seen.add(step.get());
        }
        return seen;
    }

    private static Optional<String> wait(Duration atLeast) {
        return OwnThread.waitOf(Thread.currentThread(), atLeast);
    }

    @Test
    void wait_isKnownFromItsBeginningToItsEnd() throws Exception {
        List<Optional<String>> seen = onOwnThread(List.of(
                new FutureTask<>(() -> wait(Duration.ZERO)),
                new FutureTask<>(() -> {
                    OwnThread.beginWait("a connection");
                    return wait(Duration.ZERO);
                }),
                new FutureTask<>(() -> wait(Duration.ofMinutes(1))),
                new FutureTask<>(() -> {
                    OwnThread.endWait();
                    return wait(Duration.ZERO);
                })));

        assertThat(seen)
                .containsExactly(Optional.empty(), Optional.of("a connection"), Optional.empty(), Optional.empty());
    }

    @Test
    void wait_ofAHostsThreadIsNotKnown() {
        OwnThread.beginWait("a connection");

        assertThat(wait(Duration.ZERO)).isEmpty();
        assertThat(OwnThread.waitOf(null, Duration.ZERO)).isEmpty();
        OwnThread.endWait();
        assertThat(OwnThread.isCurrent()).isFalse();
    }

    @Test
    void thread_isCurrentInItsOwnTask() throws Exception {
        assertThat(onOwnThread(List.of(new FutureTask<>(OwnThread::isCurrent)))).containsExactly(true);
        assertThat(onOwnThread(
                        List.of(new FutureTask<>(() -> Thread.currentThread().getName()))))
                .containsExactly("telemetry-test");
    }

    @Test
    void interrupt_isForgottenIfTheCodeThatWasCalledLeftIt() throws Exception {
        List<Boolean> interrupted = onOwnThread(List.of(
                new FutureTask<>(() -> interruptedAfter(true)), new FutureTask<>(() -> interruptedAfter(false))));

        assertThat(interrupted).containsExactly(true, false);
    }

    @Test
    void interrupt_ofAHostsThreadIsNeverForgotten() {
        assertThat(interruptedAfter(false)).isTrue();
    }

    private static boolean interruptedAfter(boolean before) {
        Thread.currentThread().interrupt();
        OwnThread.forgetInterrupt(before);
        return Thread.interrupted();
    }
}

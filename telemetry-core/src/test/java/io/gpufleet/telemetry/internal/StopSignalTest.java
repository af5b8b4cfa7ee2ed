package io.gpufleet.telemetry.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StopSignalTest {
    private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

    private final StopSignal stop = new StopSignal();

    @Test
    void raise_endsAPauseAndAllThatFollow() throws Exception {
        FutureTask<Boolean> pause = new FutureTask<>(() -> stop.pause(FOR_EVER));
        Thread thread = new Thread(pause);
        thread.start();
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        assertThat(stop.isRaised()).isFalse();

        stop.raise();

        assertThat(pause.get(10, TimeUnit.SECONDS)).isFalse();
        assertThat(stop.pause(FOR_EVER)).isFalse();
        assertThat(stop.isRaised()).isTrue();
    }

    @Test
    void pause_lastsItsTime() {
        Duration time = Duration.ofMillis(5);
        long begun = System.nanoTime();

        assertThat(stop.pause(time)).isTrue();

        assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(time.toNanos());
    }

    @Test
    void pause_endsWithAnInterruptThatStays() {
        Thread.currentThread().interrupt();

        assertThat(stop.pause(FOR_EVER)).isFalse();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(stop.isRaised()).isFalse();
    }
}

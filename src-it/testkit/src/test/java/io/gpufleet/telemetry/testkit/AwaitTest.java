package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AwaitTest {
    private static final Duration SHORT = Duration.ofMillis(20);

    @Test
    void until_returnsTheFirstValueThatIsWanted() {
        AtomicInteger count = new AtomicInteger();

        int value = Await.until("three", Duration.ofSeconds(10), count::incrementAndGet, number -> number == 3);

        assertThat(value).isEqualTo(3);
    }

    @Test
    void until_waitsForAsLongAsADurationCanSay() {
        AtomicInteger looks = new AtomicInteger();

        Await.until("the second look", Duration.ofSeconds(Long.MAX_VALUE), () -> looks.incrementAndGet() == 2);

        assertThat(looks).hasValue(2);
    }

    @Test
    void until_looksOnceEvenWithoutTime() {
        Await.until("now", Duration.ZERO, () -> true);
    }

    @Test
    void until_namesWhatWasAwaitedAndSeenLast() {
        assertThatThrownBy(() -> Await.until("lag of group g is 0", SHORT, () -> 7, lag -> lag == 0))
                .isInstanceOf(AssertionError.class)
                .hasMessage("lag of group g is 0 was awaited for PT0.02S; last seen: 7");
    }

    @Test
    void until_takesAnExceptionAsNotYet() {
        AtomicInteger count = new AtomicInteger();

        Await.until("the second attempt", Duration.ofSeconds(10), () -> {
            if (count.incrementAndGet() == 1) {
                throw new IOException("not yet");
            }
            return true;
        });

        assertThat(count).hasValue(2);
    }

    @Test
    void until_failsWithTheLastException() {
        assertThatThrownBy(() -> Await.until("success", SHORT, () -> {
                    throw new IOException("refused");
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("last seen: java.io.IOException: refused")
                .hasCauseInstanceOf(IOException.class);
    }

    @Test
    void until_endsWhenInterrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> Await.until("never", Duration.ofMinutes(1), () -> false))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("interrupted while awaiting never");
        assertThat(Thread.interrupted()).isTrue();
    }
}

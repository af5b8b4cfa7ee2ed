package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WallClockTest {
    private long wallMillis = 1_800_000_000_000L;
    private long nanos = -5;
    private final WallClock clock = new WallClock(() -> wallMillis, () -> nanos);

    private void pass(long millis) {
        wallMillis += millis;
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void clockThatGoesOn_wasNotSetBack() {
        for (int i = 0; i < 100; i++) {
            pass(100);
            assertThat(clock.wasSetBack()).isFalse();
        }
    }

    @Test
    void stepBack_isToldOnce() {
        pass(100);
        wallMillis -= 1_001;

        assertThat(clock.wasSetBack()).isTrue();
        pass(100);
        assertThat(clock.wasSetBack()).isFalse();
    }

    @Test
    void stepForward_isNone() {
        wallMillis += 86_400_000;
        assertThat(clock.wasSetBack()).isFalse();
        wallMillis -= 86_400_000;

        assertThat(clock.wasSetBack()).as("and back again").isTrue();
    }

    @Test
    void clockThatIsSlowedDown_isNeverSetBack() {
        for (int i = 0; i < 100; i++) {
            pass(1_000);
            wallMillis -= 500;
            assertThat(clock.wasSetBack()).isFalse();
        }
    }
}

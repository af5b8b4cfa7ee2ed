package io.gpufleet.telemetry.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WaitsTest {
    private static final Duration CENTURY = Duration.ofDays(36_500);

    @Test
    void limit_refusesANegativeWait() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Waits.limit("timeout", Duration.ofNanos(-1)))
                .withMessage("timeout: PT-0.000000001S is negative, but must be 0 or more");
        assertThatNullPointerException()
                .isThrownBy(() -> Waits.limit("timeout", null))
                .withMessage("timeout");
    }

    @Test
    void limit_takesWhatAClockCanCount() {
        assertThat(Waits.limit("timeout", Duration.ZERO)).isZero();
        assertThat(Waits.limit("timeout", CENTURY)).isEqualTo(CENTURY);
    }

    @Test
    void limit_takesForEverForACentury() {
        assertThat(Waits.limit("timeout", Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(CENTURY);
        assertThat(Waits.countable(CENTURY.plusNanos(1))).isEqualTo(CENTURY);
    }
}

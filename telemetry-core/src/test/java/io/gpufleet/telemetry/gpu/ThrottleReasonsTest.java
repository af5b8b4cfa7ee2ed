package io.gpufleet.telemetry.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThrottleReasonsTest {

    @ParameterizedTest
    @CsvSource({
        // mask, names, throttled, thermal, power brake, idle
        "0, '', false, false, false, false",
        "1, GPU_IDLE, false, false, false, true",
        "2, CLOCKS_SETTING, false, false, false, false",
        "4, SW_POWER_CAP, false, false, false, false",
        "8, HW_SLOWDOWN, true, true, false, false",
        "16, SYNC_BOOST, false, false, false, false",
        "32, SW_THERMAL, true, true, false, false",
        "64, HW_THERMAL, true, true, false, false",
        "128, HW_POWER_BRAKE, true, false, true, false",
        "256, DISPLAY_CLOCKS, false, false, false, false",
        "72, HW_SLOWDOWN HW_THERMAL, true, true, false, false",
        "136, HW_SLOWDOWN HW_POWER_BRAKE, true, false, true, false",
        "200, HW_SLOWDOWN HW_THERMAL HW_POWER_BRAKE, true, true, true, false",
        "513, GPU_IDLE, false, false, false, true",
    })
    void reasons_areTheBitsOfTheMask(
            long mask, String names, boolean throttled, boolean thermal, boolean brake, boolean idle) {
        ThrottleReasons reasons = new ThrottleReasons(mask);

        assertThat(String.join(" ", reasons.names())).isEqualTo(names);
        assertThat(reasons.isThrottled()).isEqualTo(throttled);
        assertThat(reasons.isThermal()).isEqualTo(thermal);
        assertThat(reasons.isPowerBrake()).isEqualTo(brake);
        assertThat(reasons.isIdle()).isEqualTo(idle);
        assertThat(reasons.isPowerCapped()).isEqualTo(mask == 4);
    }

    @Test
    void mask_isNotNegative() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ThrottleReasons(-1))
                .withMessage("mask: -1 is not 0 or more");
    }
}

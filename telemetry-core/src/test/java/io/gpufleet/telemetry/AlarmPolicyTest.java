package io.gpufleet.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class AlarmPolicyTest {
    private static final Duration LEAST = Duration.ofNanos(1);

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }

    @Test
    void policy_hasDefaults() {
        AlarmPolicy policy = AlarmPolicy.defaults();

        assertThat(policy.lagWarning()).isEqualTo(10_000);
        assertThat(policy.lagCritical()).isEqualTo(100_000);
        assertThat(policy.lagGrowth()).isEqualTo(Duration.ofMinutes(5));
        assertThat(policy.inactiveAfter()).isEqualTo(Duration.ofMinutes(5));
        assertThat(policy.stuckAfter()).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void policy_takesItsLimits() {
        AlarmPolicy policy = AlarmPolicy.builder()
                .lagWarning(0)
                .lagCritical(0)
                .lagGrowth(LEAST)
                .inactiveAfter(LEAST.multipliedBy(2))
                .stuckAfter(LEAST.multipliedBy(3))
                .build();

        assertThat(policy.lagWarning()).isZero();
        assertThat(policy.lagCritical()).isZero();
        assertThat(policy.lagGrowth()).isEqualTo(LEAST);
        assertThat(policy.inactiveAfter()).isEqualTo(LEAST.multipliedBy(2));
        assertThat(policy.stuckAfter()).isEqualTo(LEAST.multipliedBy(3));
    }

    @Test
    void policy_refusesWhatIsOutsideThem() {
        AlarmPolicy.Builder builder = AlarmPolicy.builder();

        assertRefused(() -> builder.lagWarning(-1), "lagWarning: -1 is negative");
        assertRefused(() -> builder.lagCritical(-1), "lagCritical: -1 is negative");
        assertRefused(() -> builder.lagGrowth(Duration.ZERO), "lagGrowth: PT0S is not more than 0");
        assertRefused(() -> builder.inactiveAfter(Duration.ZERO), "inactiveAfter: PT0S is not more than 0");
        assertRefused(() -> builder.stuckAfter(LEAST.negated()), "stuckAfter: PT-0.000000001S is not more than 0");
    }

    @Test
    void policy_warnsBeforeItIsCritical() {
        AlarmPolicy.Builder builder = AlarmPolicy.builder().lagWarning(7).lagCritical(6);

        assertRefused(builder::build, "lagCritical: 6 is less than lagWarning 7");
    }
}

package io.gpufleet.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class PoliciesTest {

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }

    @Test
    void batchPolicy_hasDefaults() {
        assertThat(BatchPolicy.defaults())
                .hasToString("BatchPolicy[maxRecords=100, maxValues=1000000, maxBytes=4194304, linger=PT1S]");
    }

    @Test
    void batchPolicy_takesItsLimits() {
        BatchPolicy least = BatchPolicy.builder()
                .maxRecords(1)
                .maxValues(2)
                .maxBytes(1)
                .linger(Duration.ZERO)
                .build();
        BatchPolicy most = BatchPolicy.builder()
                .maxRecords(1_000_000)
                .maxValues(999_999)
                .maxBytes(Long.MAX_VALUE)
                .linger(Duration.ofHours(1))
                .build();

        assertThat(least).hasToString("BatchPolicy[maxRecords=1, maxValues=2, maxBytes=1, linger=PT0S]");
        assertThat(most.maxRecords()).isEqualTo(1_000_000);
        assertThat(most.maxValues()).isEqualTo(999_999);
        assertThat(most.maxBytes()).isEqualTo(Long.MAX_VALUE);
        assertThat(most.linger()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void batchPolicy_refusesWhatIsOutsideThem() {
        BatchPolicy.Builder builder = BatchPolicy.builder();

        assertRefused(() -> builder.maxRecords(0), "maxRecords: 0 is not between 1 and 1000000");
        assertRefused(() -> builder.maxRecords(1_000_001), "maxRecords: 1000001 is not between 1 and 1000000");
        assertRefused(() -> builder.maxBytes(0), "maxBytes: 0 is not 1 or more");
        assertRefused(() -> builder.linger(Duration.ofNanos(-1)), "linger: PT-0.000000001S is not between 0 and PT1H");
        assertRefused(
                () -> builder.linger(Duration.ofMillis(3_600_001)), "linger: PT1H0.001S is not between 0 and PT1H");
        assertThat(builder.build()).hasToString(BatchPolicy.defaults().toString());
    }

    @Test
    void failurePolicy_hasDefaults() {
        FailurePolicy policy = FailurePolicy.defaults();

        assertThat(policy.fatalAttempts()).isEqualTo(3);
        assertThat(policy.maxDeadLetterShare()).isEqualTo(0.5);
        assertThat(policy.window()).isEqualTo(1000);
        assertThat(policy.minRecords()).isEqualTo(200);
    }

    @Test
    void failurePolicy_takesItsLimits() {
        FailurePolicy policy = FailurePolicy.builder()
                .fatalAttempts(1)
                .maxDeadLetterShare(1)
                .window(7)
                .minRecords(7)
                .build();

        assertThat(policy.fatalAttempts()).isEqualTo(1);
        assertThat(policy.maxDeadLetterShare()).isEqualTo(1);
        assertThat(policy.window()).isEqualTo(7);
        assertThat(policy.minRecords()).isEqualTo(7);
    }

    @Test
    void failurePolicy_mayBearNoDeadLetter() {
        assertThat(FailurePolicy.builder().maxDeadLetterShare(0).build().maxDeadLetterShare())
                .isZero();
    }

    @Test
    void failurePolicy_refusesWhatIsOutsideThem() {
        FailurePolicy.Builder builder = FailurePolicy.builder();

        assertRefused(() -> builder.fatalAttempts(0), "fatalAttempts: 0 is not 1 or more");
        assertRefused(() -> builder.window(0), "window: 0 is not 1 or more");
        assertRefused(() -> builder.minRecords(-1), "minRecords: -1 is not 1 or more");
        assertRefused(() -> builder.maxDeadLetterShare(-0.1), "maxDeadLetterShare: -0.1 is not between 0 and 1");
        assertRefused(() -> builder.maxDeadLetterShare(1.1), "maxDeadLetterShare: 1.1 is not between 0 and 1");
        assertRefused(() -> builder.maxDeadLetterShare(Double.NaN), "maxDeadLetterShare: NaN is not between 0 and 1");
    }

    @Test
    void failurePolicy_checksTheCombination() {
        FailurePolicy.Builder builder = FailurePolicy.builder().window(199);

        assertRefused(builder::build, "minRecords: 200 is more than the window 199");
    }
}

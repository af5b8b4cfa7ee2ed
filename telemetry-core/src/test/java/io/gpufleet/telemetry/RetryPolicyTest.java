package io.gpufleet.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
    private static final RandomGenerator RANDOM = new SplittableRandom(1);

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }

    @Test
    void backoff_doublesUpToTheLongest() {
        RetryPolicy policy = RetryPolicy.builder().jitter(0).build();
        long[] millis = {100, 200, 400, 800, 1600, 3200, 5000, 5000};

        for (int attempt = 1; attempt <= millis.length; attempt++) {
            assertThat(policy.backoff(attempt, RANDOM)).isEqualTo(Duration.ofMillis(millis[attempt - 1]));
        }
    }

    @Test
    void backoff_takesEveryAttempt() {
        RetryPolicy policy = RetryPolicy.builder()
                .initialBackoff(Duration.ofNanos(1))
                .maxBackoff(Duration.ofDays(1))
                .jitter(0)
                .build();

        assertThat(policy.backoff(Integer.MIN_VALUE, RANDOM)).isEqualTo(Duration.ofNanos(1));
        assertThat(policy.backoff(0, RANDOM)).isEqualTo(Duration.ofNanos(1));
        assertThat(policy.backoff(31, RANDOM)).isEqualTo(Duration.ofNanos(1 << 30));
        assertThat(policy.backoff(47, RANDOM)).isEqualTo(Duration.ofNanos(1L << 46));
        assertThat(policy.backoff(48, RANDOM)).isEqualTo(Duration.ofDays(1));
        assertThat(policy.backoff(Integer.MAX_VALUE, RANDOM)).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void backoff_takesOffAtMostTheJitter() {
        RetryPolicy policy = RetryPolicy.defaults();
        Duration shortest = Duration.ofMillis(100);
        Duration longest = Duration.ZERO;

        for (int i = 0; i < 10_000; i++) {
            Duration backoff = policy.backoff(1, RANDOM);
            shortest = backoff.compareTo(shortest) < 0 ? backoff : shortest;
            longest = backoff.compareTo(longest) > 0 ? backoff : longest;
        }

        assertThat(shortest).isBetween(Duration.ofMillis(80), Duration.ofMillis(81));
        assertThat(longest).isBetween(Duration.ofMillis(99), Duration.ofMillis(100));
    }

    @Test
    void backoff_isNeverNegative() {
        RetryPolicy policy = RetryPolicy.builder().jitter(1).build();

        for (int attempt = 1; attempt < 100; attempt++) {
            assertThat(policy.backoff(attempt, RANDOM)).isBetween(Duration.ZERO, Duration.ofSeconds(5));
        }
    }

    @Test
    void builder_checksItsArguments() {
        RetryPolicy.Builder builder = RetryPolicy.builder();

        assertRefused(
                () -> builder.initialBackoff(Duration.ZERO), "initialBackoff: PT0S is not between 1 ns and PT24H");
        assertRefused(
                () -> builder.initialBackoff(Duration.ofMillis(-1)),
                "initialBackoff: PT-0.001S is not between 1 ns and PT24H");
        assertRefused(
                () -> builder.maxBackoff(Duration.ofSeconds(Long.MAX_VALUE)),
                "maxBackoff: " + Duration.ofSeconds(Long.MAX_VALUE) + " is not between 1 ns and PT24H");
        assertRefused(() -> builder.jitter(-0.01), "jitter: -0.01 is not between 0 and 1");
        assertRefused(() -> builder.jitter(1.01), "jitter: 1.01 is not between 0 and 1");
        assertRefused(() -> builder.jitter(Double.NaN), "jitter: NaN is not between 0 and 1");
    }

    @Test
    void build_checksTheCombination() {
        RetryPolicy.Builder builder = RetryPolicy.builder().initialBackoff(Duration.ofSeconds(6));

        assertRefused(builder::build, "maxBackoff: PT5S is less than initialBackoff PT6S");
    }

    @Test
    void backoff_mayBeTheSameEachTime() {
        Duration second = Duration.ofSeconds(1);
        RetryPolicy policy = RetryPolicy.builder()
                .initialBackoff(second)
                .maxBackoff(second)
                .jitter(0)
                .build();

        assertThat(policy.backoff(1, RANDOM)).isEqualTo(second);
        assertThat(policy.backoff(9, RANDOM)).isEqualTo(second);
    }
}

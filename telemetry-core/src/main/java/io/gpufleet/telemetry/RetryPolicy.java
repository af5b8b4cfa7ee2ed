package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The waits between retries of a failed write: exponential backoff with jitter.
 *
 * <p>The n-th wait is {@code initialBackoff * 2^(n-1)}, at most {@code maxBackoff}, less a random share of up to the
 * jitter. Transient failures are retried for as long as they last. Immutable.
 */
public final class RetryPolicy {
    private static final int LARGEST_SHIFT = 62;

    private final Duration initialBackoff;
    private final Duration maxBackoff;
    private final double jitter;

    private RetryPolicy(Builder builder) {
        this.initialBackoff = builder.initialBackoff;
        this.maxBackoff = builder.maxBackoff;
        this.jitter = builder.jitter;
    }

    /**
     * Returns the defaults: 100 ms, doubled up to 5 s, jitter 0.2.
     *
     * @return a policy
     */
    public static RetryPolicy defaults() {
        return builder().build();
    }

    /**
     * Returns a builder with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the wait after a failed attempt.
     *
     * @param attempt the failed attempt, from 1
     * @param random the source of the jitter
     * @return the wait
     */
    public Duration backoff(int attempt, RandomGenerator random) {
        int shift = Math.min(Math.max(attempt, 1) - 1, LARGEST_SHIFT);
        double nanos = Math.min((double) initialBackoff.toNanos() * (1L << shift), (double) maxBackoff.toNanos());
        return Duration.ofNanos((long) (nanos * (1 - jitter * random.nextDouble())));
    }

    /** Builds a {@link RetryPolicy}. Not thread-safe. */
    public static final class Builder {
        private static final Duration LONGEST_BACKOFF = Duration.ofHours(24);

        private Duration initialBackoff = Duration.ofMillis(100);
        private Duration maxBackoff = Duration.ofSeconds(5);
        private double jitter = 0.2;

        private Builder() {}

        /**
         * Sets the first wait.
         *
         * @param duration more than 0, at most 24 hours (default: 100 ms)
         * @return this
         */
        public Builder initialBackoff(Duration duration) {
            this.initialBackoff = checked("initialBackoff", duration);
            return this;
        }

        /**
         * Sets the longest wait.
         *
         * @param duration more than 0, at most 24 hours, not less than the first wait (default: 5 s)
         * @return this
         */
        public Builder maxBackoff(Duration duration) {
            this.maxBackoff = checked("maxBackoff", duration);
            return this;
        }

        /**
         * Sets the share of a wait that may be taken off at random, so that consumers do not retry in step.
         *
         * @param share 0 to 1 (default: 0.2)
         * @return this
         */
        public Builder jitter(double share) {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("jitter: " + share + " is not between 0 and 1");
            }
            this.jitter = share;
            return this;
        }

        /**
         * Builds the policy.
         *
         * @return an immutable policy
         * @throws IllegalArgumentException if the longest wait is shorter than the first
         */
        public RetryPolicy build() {
            if (maxBackoff.compareTo(initialBackoff) < 0) {
                throw new IllegalArgumentException(
                        "maxBackoff: " + maxBackoff + " is less than initialBackoff " + initialBackoff);
            }
            return new RetryPolicy(this);
        }

        private static Duration checked(String name, Duration duration) {
            if (requireNonNull(duration, "duration").isNegative()
                    || duration.isZero()
                    || duration.compareTo(LONGEST_BACKOFF) > 0) {
                throw new IllegalArgumentException(
                        name + ": " + duration + " is not between 1 ns and " + LONGEST_BACKOFF);
            }
            return duration;
        }
    }
}

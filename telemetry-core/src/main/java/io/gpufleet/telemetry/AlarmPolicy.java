package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * The thresholds of a consumer's alarms about its lag and its activity; see {@link TelemetryEvent.LagAlarm} and
 * {@link TelemetryEvent.ActivityChanged}. Immutable.
 */
public final class AlarmPolicy {
    private final long lagWarning;
    private final long lagCritical;
    private final Duration lagGrowth;
    private final Duration inactiveAfter;
    private final Duration stuckAfter;

    private AlarmPolicy(Builder builder) {
        this.lagWarning = builder.lagWarning;
        this.lagCritical = builder.lagCritical;
        this.lagGrowth = builder.lagGrowth;
        this.inactiveAfter = builder.inactiveAfter;
        this.stuckAfter = builder.stuckAfter;
    }

    /**
     * Returns the defaults: a warning above a lag of 10,000 messages; critical above 100,000, or after more than 5
     * minutes of growth; inactive after 5 minutes without a message; stuck after 2 minutes in which messages were
     * consumed and none was written, or in which a partition did not move although messages wait in it or behind an
     * open transaction.
     *
     * @return a policy
     */
    public static AlarmPolicy defaults() {
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
     * Returns the lag above which a warning is raised.
     *
     * @return messages, 0 or more
     */
    public long lagWarning() {
        return lagWarning;
    }

    /**
     * Returns the lag above which a critical alarm is raised.
     *
     * @return messages, not less than {@link #lagWarning()}
     */
    public long lagCritical() {
        return lagCritical;
    }

    /**
     * Returns the time of growth after which a lag is critical.
     *
     * @return more than 0
     */
    public Duration lagGrowth() {
        return lagGrowth;
    }

    /**
     * Returns the time without a message after which a consumer is inactive.
     *
     * @return more than 0
     */
    public Duration inactiveAfter() {
        return inactiveAfter;
    }

    /**
     * Returns the time after which a consumer is stuck (messages consumed, none written) and a partition stands still
     * (behind, or held up by an open transaction).
     *
     * @return more than 0
     */
    public Duration stuckAfter() {
        return stuckAfter;
    }

    /** Builds an {@link AlarmPolicy}. Not thread-safe. */
    public static final class Builder {
        private long lagWarning = 10_000;
        private long lagCritical = 100_000;
        private Duration lagGrowth = Duration.ofMinutes(5);
        private Duration inactiveAfter = Duration.ofMinutes(5);
        private Duration stuckAfter = Duration.ofMinutes(2);

        private Builder() {}

        /**
         * Sets the lag above which a warning is raised.
         *
         * @param messages 0 or more (default: 10,000)
         * @return this
         */
        public Builder lagWarning(long messages) {
            this.lagWarning = notNegative("lagWarning", messages);
            return this;
        }

        /**
         * Sets the lag above which a critical alarm is raised.
         *
         * @param messages not less than for a warning (default: 100,000)
         * @return this
         */
        public Builder lagCritical(long messages) {
            this.lagCritical = notNegative("lagCritical", messages);
            return this;
        }

        /**
         * Sets the time of growth after which a lag is critical.
         *
         * @param duration more than 0 (default: 5 minutes)
         * @return this
         */
        public Builder lagGrowth(Duration duration) {
            this.lagGrowth = positive("lagGrowth", duration);
            return this;
        }

        /**
         * Sets the time without a message after which a consumer is inactive.
         *
         * @param duration more than 0 (default: 5 minutes)
         * @return this
         */
        public Builder inactiveAfter(Duration duration) {
            this.inactiveAfter = positive("inactiveAfter", duration);
            return this;
        }

        /**
         * Sets the time after which a consumer is stuck (messages consumed, none written) and a partition stands still
         * (behind, or held up by an open transaction).
         *
         * @param duration more than 0 (default: 2 minutes)
         * @return this
         */
        public Builder stuckAfter(Duration duration) {
            this.stuckAfter = positive("stuckAfter", duration);
            return this;
        }

        /**
         * Builds the policy.
         *
         * @return an immutable policy
         * @throws IllegalArgumentException if the critical lag is less than the lag of a warning
         */
        public AlarmPolicy build() {
            if (lagCritical < lagWarning) {
                throw new IllegalArgumentException(
                        "lagCritical: " + lagCritical + " is less than lagWarning " + lagWarning);
            }
            return new AlarmPolicy(this);
        }

        private static long notNegative(String name, long value) {
            if (value < 0) {
                throw new IllegalArgumentException(name + ": " + value + " is negative");
            }
            return value;
        }

        private static Duration positive(String name, Duration value) {
            if (requireNonNull(value, name).isNegative() || value.isZero()) {
                throw new IllegalArgumentException(name + ": " + value + " is not more than 0");
            }
            return value;
        }
    }
}

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
     * Returns the defaults: a lag of more than 10,000 messages is a warning; one of more than 100,000, or that grows
     * for more than 5 minutes, is critical; inactive after 5 minutes without a message, stuck after 2 minutes in which
     * messages were consumed and none was written, or a partition has not moved although messages wait in it, also
     * behind an open transaction.
     *
     * @return a policy
     */
    public static AlarmPolicy defaults() {
        return builder().build();
    }

    /**
     * Starts from the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the lag above which there is a warning.
     *
     * @return messages, 0 or more
     */
    public long lagWarning() {
        return lagWarning;
    }

    /**
     * Returns the lag above which it is critical.
     *
     * @return messages, as many as for a warning or more
     */
    public long lagCritical() {
        return lagCritical;
    }

    /**
     * Returns after what time of growing a lag is critical.
     *
     * @return more than 0
     */
    public Duration lagGrowth() {
        return lagGrowth;
    }

    /**
     * Returns after what time without a message a consumer is inactive.
     *
     * @return more than 0
     */
    public Duration inactiveAfter() {
        return inactiveAfter;
    }

    /**
     * Returns after what time a consumer is stuck that has consumed messages and written none, and a partition stands
     * still that is behind, or held up by an open transaction.
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
         * Sets the lag above which there is a warning.
         *
         * @param messages 0 or more (default: 10,000)
         * @return this
         */
        public Builder lagWarning(long messages) {
            this.lagWarning = notNegative("lagWarning", messages);
            return this;
        }

        /**
         * Sets the lag above which it is critical.
         *
         * @param messages as many as for a warning or more (default: 100,000)
         * @return this
         */
        public Builder lagCritical(long messages) {
            this.lagCritical = notNegative("lagCritical", messages);
            return this;
        }

        /**
         * Sets after what time of growing a lag is critical.
         *
         * @param duration more than 0 (default: 5 minutes)
         * @return this
         */
        public Builder lagGrowth(Duration duration) {
            this.lagGrowth = positive("lagGrowth", duration);
            return this;
        }

        /**
         * Sets after what time without a message a consumer is inactive.
         *
         * @param duration more than 0 (default: 5 minutes)
         * @return this
         */
        public Builder inactiveAfter(Duration duration) {
            this.inactiveAfter = positive("inactiveAfter", duration);
            return this;
        }

        /**
         * Sets after what time a consumer is stuck that has consumed messages and written none, and a partition stands
         * still that is behind, or held up by an open transaction.
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
         * @throws IllegalArgumentException if a smaller lag is critical than the one that is a warning
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

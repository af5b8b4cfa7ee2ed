package io.gpufleet.telemetry;

/**
 * The limits at which a consumer stops: a number of fatal attempts, and a share of dead letters above which the fault
 * is not in the records. Immutable.
 */
public final class FailurePolicy {
    private final int fatalAttempts;
    private final double maxDeadLetterShare;
    private final int window;
    private final int minRecords;

    private FailurePolicy(Builder builder) {
        this.fatalAttempts = builder.fatalAttempts;
        this.maxDeadLetterShare = builder.maxDeadLetterShare;
        this.window = builder.window;
        this.minRecords = builder.minRecords;
    }

    /**
     * Returns the defaults: 3 fatal attempts; more than half of the last 1,000 records, of at least 200.
     *
     * @return a policy
     */
    public static FailurePolicy defaults() {
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
     * Returns the total number of attempts of a write that fails fatally.
     *
     * @return 1 or more
     */
    public int fatalAttempts() {
        return fatalAttempts;
    }

    /**
     * Returns the largest allowed share of dead letters.
     *
     * @return 0 to 1; 1 switches the check off
     */
    public double maxDeadLetterShare() {
        return maxDeadLetterShare;
    }

    /**
     * Returns the window: the number of latest records by which the share is judged.
     *
     * @return 1 or more
     */
    public int window() {
        return window;
    }

    /**
     * Returns the number of records below which the share is not judged.
     *
     * @return 1 to the window
     */
    public int minRecords() {
        return minRecords;
    }

    /** Builds a {@link FailurePolicy}. Not thread-safe. */
    public static final class Builder {
        private int fatalAttempts = 3;
        private double maxDeadLetterShare = 0.5;
        private int window = 1000;
        private int minRecords = 200;

        private Builder() {}

        /**
         * Sets the total number of attempts of a write that fails fatally.
         *
         * @param attempts 1 or more (default: 3)
         * @return this
         */
        public Builder fatalAttempts(int attempts) {
            this.fatalAttempts = positive("fatalAttempts", attempts);
            return this;
        }

        /**
         * Sets the largest allowed share of dead letters; a batch that would exceed it is not written.
         *
         * @param share 0 to 1 (default: 0.5); 1 switches the check off
         * @return this
         */
        public Builder maxDeadLetterShare(double share) {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("maxDeadLetterShare: " + share + " is not between 0 and 1");
            }
            this.maxDeadLetterShare = share;
            return this;
        }

        /**
         * Sets the window: the number of latest records by which the share is judged.
         *
         * @param records 1 or more (default: 1,000)
         * @return this
         */
        public Builder window(int records) {
            this.window = positive("window", records);
            return this;
        }

        /**
         * Sets the number of records below which the share is not judged.
         *
         * @param records 1 to the window (default: 200)
         * @return this
         */
        public Builder minRecords(int records) {
            this.minRecords = positive("minRecords", records);
            return this;
        }

        /**
         * Builds the policy.
         *
         * @return an immutable policy
         * @throws IllegalArgumentException if minRecords is larger than the window
         */
        public FailurePolicy build() {
            if (minRecords > window) {
                throw new IllegalArgumentException("minRecords: " + minRecords + " is more than the window " + window);
            }
            return new FailurePolicy(this);
        }

        private static int positive(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + ": " + value + " is not 1 or more");
            }
            return value;
        }
    }
}

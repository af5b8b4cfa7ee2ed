package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * The limits of a batch in records, values, bytes and age; it is written at the first one reached.
 *
 * <p>The age (linger) is counted from when poll returned the oldest record of the batch, so a trickle of records never
 * delays the write. Immutable.
 */
public final class BatchPolicy {
    private final int maxRecords;
    private final int maxValues;
    private final long maxBytes;
    private final Duration linger;

    private BatchPolicy(Builder builder) {
        this.maxRecords = builder.maxRecords;
        this.maxValues = builder.maxValues;
        this.maxBytes = builder.maxBytes;
        this.linger = builder.linger;
    }

    /**
     * Returns the defaults: 100 records, 1,000,000 values, 4 MiB, 1 second.
     *
     * @return a policy
     */
    public static BatchPolicy defaults() {
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
     * Returns the number of records at which a batch is written.
     *
     * @return 1 to 1,000,000
     */
    public int maxRecords() {
        return maxRecords;
    }

    /**
     * Returns the number of values at which a batch is written. A batch ends between records only, so the values of its
     * last record may exceed the limit.
     *
     * @return 1 to 1,000,000
     */
    public int maxValues() {
        return maxValues;
    }

    /**
     * Returns the largest size of a batch (keys, values, headers), which only a single larger record exceeds.
     *
     * @return bytes, 1 or more
     */
    public long maxBytes() {
        return maxBytes;
    }

    /**
     * Returns the age of the oldest record at which a batch is written.
     *
     * @return 0 (write at once) to 1 hour
     */
    public Duration linger() {
        return linger;
    }

    @Override
    public String toString() {
        return "BatchPolicy[maxRecords=" + maxRecords + ", maxValues=" + maxValues + ", maxBytes=" + maxBytes
                + ", linger=" + linger + "]";
    }

    /** Builds a {@link BatchPolicy}. Not thread-safe. */
    public static final class Builder {
        private static final int LARGEST_BATCH = 1_000_000;
        private static final Duration LONGEST_LINGER = Duration.ofHours(1);

        private int maxRecords = 100;
        private int maxValues = LARGEST_BATCH;
        private long maxBytes = 4L << 20;
        private Duration linger = Duration.ofSeconds(1);

        private Builder() {}

        /**
         * Sets the number of records at which a batch is written.
         *
         * @param records 1 to 1,000,000 (default: 100)
         * @return this
         */
        public Builder maxRecords(int records) {
            this.maxRecords = check("maxRecords", records);
            return this;
        }

        /**
         * Sets the number of values at which a batch is written, for records that hold many.
         *
         * @param values 1 to 1,000,000 (default: 1,000,000)
         * @return this
         */
        public Builder maxValues(int values) {
            this.maxValues = check("maxValues", values);
            return this;
        }

        private static int check(String name, int count) {
            if (count < 1 || count > LARGEST_BATCH) {
                throw new IllegalArgumentException(name + ": " + count + " is not between 1 and " + LARGEST_BATCH);
            }
            return count;
        }

        /**
         * Sets the largest size of a batch.
         *
         * @param bytes 1 or more (default: 4 MiB)
         * @return this
         */
        public Builder maxBytes(long bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("maxBytes: " + bytes + " is not 1 or more");
            }
            this.maxBytes = bytes;
            return this;
        }

        /**
         * Sets the age of the oldest record at which a batch is written.
         *
         * @param duration 0 to 1 hour (default: 1 second)
         * @return this
         */
        public Builder linger(Duration duration) {
            if (requireNonNull(duration, "duration").isNegative() || duration.compareTo(LONGEST_LINGER) > 0) {
                throw new IllegalArgumentException("linger: " + duration + " is not between 0 and " + LONGEST_LINGER);
            }
            this.linger = duration;
            return this;
        }

        /**
         * Builds the policy.
         *
         * @return an immutable policy
         */
        public BatchPolicy build() {
            return new BatchPolicy(this);
        }
    }
}

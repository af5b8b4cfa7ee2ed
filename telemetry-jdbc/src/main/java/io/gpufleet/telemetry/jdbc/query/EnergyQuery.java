package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A question for the energy that GPUs have used in a range of time, by name. Immutable. */
public final class EnergyQuery {
    private final EnergyGroup group;
    private final TimeRange range;
    private final int limit;
    private final long offset;

    private EnergyQuery(Builder builder) {
        this.group = builder.group;
        this.range = new TimeRange(Optional.ofNullable(builder.from), Optional.ofNullable(builder.to));
        this.limit = builder.limit;
        this.offset = builder.offset;
    }

    /**
     * Returns a builder for the last 24 hours.
     *
     * @param group what the answer names
     * @return a builder
     */
    public static Builder builder(EnergyGroup group) {
        return new Builder(group);
    }

    EnergyGroup group() {
        return group;
    }

    TimeRange range() {
        return range;
    }

    int limit() {
        return limit;
    }

    long offset() {
        return offset;
    }

    /** A builder of questions. Not thread-safe. */
    public static final class Builder {
        private final EnergyGroup group;
        private @Nullable Instant from;
        private @Nullable Instant to;
        private int limit = SampleQuery.DEFAULT_LIMIT;
        private long offset;

        private Builder(EnergyGroup group) {
            this.group = requireNonNull(group, "group");
        }

        /**
         * Sets the first instant. Default: 24 hours before the last one.
         *
         * @param start the instant, rounded up to a microsecond
         * @return this builder
         */
        public Builder from(Instant start) {
            this.from = requireNonNull(start, "start");
            return this;
        }

        /**
         * Sets the last instant. Default: now.
         *
         * @param end the instant, rounded down to a microsecond
         * @return this builder
         */
        public Builder to(Instant end) {
            this.to = requireNonNull(end, "end");
            return this;
        }

        /**
         * Sets the largest number of names. Default: {@value SampleQuery#DEFAULT_LIMIT}.
         *
         * @param rows 1 to {@value SampleQuery#MAX_LIMIT}
         * @return this builder
         * @throws InvalidQueryException if it is something else
         */
        public Builder limit(int rows) {
            this.limit = QueryChecks.requireLimit(rows);
            return this;
        }

        /**
         * Sets the number of names to leave out. Default: 0.
         *
         * @param rows 0 or more
         * @return this builder
         * @throws InvalidQueryException if it is negative
         */
        public Builder offset(long rows) {
            this.offset = QueryChecks.requireOffset(rows);
            return this;
        }

        /**
         * Returns the question.
         *
         * @return a question
         * @throws InvalidQueryException if the end is before the start
         */
        public EnergyQuery build() {
            return new EnergyQuery(this);
        }
    }
}

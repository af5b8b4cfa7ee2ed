package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A question for the readings of a GPU in wide rows, page by page, the oldest first. Immutable. */
public final class WideQuery {
    /** As the sinks join the samples of a message. */
    private static final Duration DEFAULT_TOLERANCE = Duration.ofSeconds(15);

    private final String gpu;
    private final TimeRange range;
    private final Duration tolerance;
    private final int limit;
    private final Optional<Cursor> cursor;

    private WideQuery(Builder builder) {
        this.gpu = builder.gpu;
        this.range = new TimeRange(Optional.ofNullable(builder.from), Optional.ofNullable(builder.to));
        this.tolerance = builder.tolerance;
        this.limit = builder.limit;
        this.cursor = Optional.ofNullable(builder.cursor);
    }

    /**
     * Returns a builder for a GPU in the last 24 hours.
     *
     * @param gpu the UUID, in any case, or {@code device:hostname} for the GPU that was there last
     * @return a builder
     */
    public static Builder builder(String gpu) {
        return new Builder(QueryChecks.requireText("id", gpu));
    }

    /**
     * Returns this question from where a page ended.
     *
     * @param next the end of the page
     * @return a question
     */
    public WideQuery after(Cursor next) {
        return new Builder(this).cursor(next).build();
    }

    String gpu() {
        return gpu;
    }

    TimeRange range() {
        return range;
    }

    int limit() {
        return limit;
    }

    Duration tolerance() {
        return tolerance;
    }

    Optional<Cursor> cursor() {
        return cursor;
    }

    /** A builder of questions. Not thread-safe. */
    public static final class Builder {
        private final String gpu;
        private @Nullable Instant from;
        private @Nullable Instant to;
        private Duration tolerance = DEFAULT_TOLERANCE;
        private int limit = SampleQuery.DEFAULT_LIMIT;
        private @Nullable Cursor cursor;

        private Builder(String gpu) {
            this.gpu = gpu;
        }

        private Builder(WideQuery query) {
            this.gpu = query.gpu;
            this.from = query.range.from().orElse(null);
            this.to = query.range.to().orElse(null);
            this.tolerance = query.tolerance;
            this.limit = query.limit;
            this.cursor = query.cursor.orElse(null);
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
         * Sets the last instant. Default: now, as of the first page.
         *
         * @param end the instant, rounded down to a microsecond
         * @return this builder
         */
        public Builder to(Instant end) {
            this.to = requireNonNull(end, "end");
            return this;
        }

        /**
         * Sets the longest time between the first and the last sample of a row, where rows are joined from samples.
         * Default: 15 seconds.
         *
         * @param time 0 or more
         * @return this builder
         * @throws InvalidQueryException if it is negative
         */
        public Builder tolerance(Duration time) {
            if (requireNonNull(time, "time").isNegative()) {
                throw new InvalidQueryException("tolerance", "tolerance must be 0 or more, was " + time);
            }
            this.tolerance = time;
            return this;
        }

        /**
         * Sets the size of the page. Default: {@value SampleQuery#DEFAULT_LIMIT}.
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
         * Sets where the page before ended.
         *
         * @param next the end of that page
         * @return this builder
         */
        public Builder cursor(Cursor next) {
            this.cursor = requireNonNull(next, "next");
            return this;
        }

        /**
         * Returns the question.
         *
         * @return a question
         * @throws InvalidQueryException if the end is before the start
         */
        public WideQuery build() {
            return new WideQuery(this);
        }
    }
}

package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A question for the Xid events of a GPU, or of all GPUs. Immutable. */
public final class XidQuery {
    private final Optional<String> gpu;
    private final TimeRange range;
    private final int limit;
    private final long offset;

    private XidQuery(Builder builder) {
        this.gpu = Optional.ofNullable(builder.gpu);
        this.range = new TimeRange(Optional.ofNullable(builder.from), Optional.ofNullable(builder.to));
        this.limit = builder.limit;
        this.offset = builder.offset;
    }

    /**
     * Returns a builder for a GPU in the last 24 hours.
     *
     * @param gpu the UUID, in any case, or {@code device:hostname} for the GPU that was there last
     * @return a builder
     */
    public static Builder ofGpu(String gpu) {
        return new Builder(QueryChecks.requireText("id", gpu));
    }

    /**
     * Returns a builder for all GPUs in the last 24 hours. The database reads all samples of the Xid in that time, and
     * of the day before.
     *
     * @return a builder
     */
    public static Builder ofAllGpus() {
        return new Builder(null);
    }

    Optional<String> gpu() {
        return gpu;
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
        private final @Nullable String gpu;
        private @Nullable Instant from;
        private @Nullable Instant to;
        private int limit = SampleQuery.DEFAULT_LIMIT;
        private long offset;

        private Builder(@Nullable String gpu) {
            this.gpu = gpu;
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
         * Sets the largest number of events. Default: {@value SampleQuery#DEFAULT_LIMIT}.
         *
         * @param events 1 to {@value SampleQuery#MAX_LIMIT}
         * @return this builder
         * @throws InvalidQueryException if it is something else
         */
        public Builder limit(int events) {
            this.limit = QueryChecks.requireLimit(events);
            return this;
        }

        /**
         * Sets the number of events to leave out. Default: 0.
         *
         * @param events 0 or more
         * @return this builder
         * @throws InvalidQueryException if it is negative
         */
        public Builder offset(long events) {
            this.offset = QueryChecks.requireOffset(events);
            return this;
        }

        /**
         * Returns the question.
         *
         * @return a question
         * @throws InvalidQueryException if the end is before the start
         */
        public XidQuery build() {
            return new XidQuery(this);
        }
    }
}

package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.gpu.Scope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A question for the samples of a GPU, page by page. Immutable.
 *
 * <pre>{@code
 * SampleQuery query = SampleQuery.builder("GPU-3f1c0a52-77d4-4b0e-9a61-5e2d8c94b701")
 *         .metric("DCGM_FI_DEV_GPU_TEMP")
 *         .from(Instant.parse("2026-03-01T12:00:00Z"))
 *         .build();
 * Page<StoredSample> first = queries.samples(query);
 * Page<StoredSample> second = queries.samples(query.after(first.next().orElseThrow()));
 * }</pre>
 */
public final class SampleQuery {
    /** The largest page. */
    public static final int MAX_LIMIT = 1_000;
    /** The size of a page that names none. */
    public static final int DEFAULT_LIMIT = 100;

    private final String gpu;
    private final List<String> metrics;
    private final TimeRange range;
    private final Optional<String> instance;
    private final Optional<Scope> scope;
    private final SampleOrder order;
    private final int limit;
    private final long offset;
    private final Optional<Cursor> cursor;
    private final boolean withTotal;

    private SampleQuery(Builder builder) {
        this.gpu = builder.gpu;
        this.metrics = List.copyOf(builder.metrics);
        this.range = new TimeRange(Optional.ofNullable(builder.from), Optional.ofNullable(builder.to));
        this.instance = Optional.ofNullable(builder.instance);
        this.scope = Optional.ofNullable(builder.scope);
        this.order = builder.order;
        this.limit = builder.limit;
        this.offset = builder.offset;
        this.cursor = Optional.ofNullable(builder.cursor);
        this.withTotal = builder.withTotal;
    }

    /**
     * Returns a builder for all samples of a GPU in the last 24 hours, the newest first.
     *
     * @param gpu the UUID, in any case, or {@code device:hostname} for the GPU that was there last
     * @return a builder
     */
    public static Builder builder(String gpu) {
        return new Builder(gpu);
    }

    /**
     * Returns this question from where a page ended.
     *
     * @param next the end of the page
     * @return a question
     * @throws InvalidQueryException if this question has an offset
     */
    public SampleQuery after(Cursor next) {
        return new Builder(this).cursor(next).build();
    }

    String gpu() {
        return gpu;
    }

    List<String> metrics() {
        return metrics;
    }

    TimeRange range() {
        return range;
    }

    Optional<String> instance() {
        return instance;
    }

    Optional<Scope> scope() {
        return scope;
    }

    SampleOrder order() {
        return order;
    }

    int limit() {
        return limit;
    }

    long offset() {
        return offset;
    }

    Optional<Cursor> cursor() {
        return cursor;
    }

    boolean isWithTotal() {
        return withTotal;
    }

    /** A builder of questions. Not thread-safe. */
    public static final class Builder {
        private final String gpu;
        private final List<String> metrics = new ArrayList<>();
        private @Nullable Instant from;
        private @Nullable Instant to;
        private @Nullable String instance;
        private @Nullable Scope scope;
        private SampleOrder order = SampleOrder.NEWEST;
        private int limit = DEFAULT_LIMIT;
        private long offset;
        private @Nullable Cursor cursor;
        private boolean withTotal;

        private Builder(String gpu) {
            this.gpu = QueryChecks.requireText("id", gpu);
        }

        private Builder(SampleQuery query) {
            this.gpu = query.gpu;
            this.metrics.addAll(query.metrics);
            this.from = query.range.from().orElse(null);
            this.to = query.range.to().orElse(null);
            this.instance = query.instance.orElse(null);
            this.scope = query.scope.orElse(null);
            this.order = query.order;
            this.limit = query.limit;
            this.offset = query.offset;
            this.cursor = query.cursor.orElse(null);
            this.withTotal = query.withTotal;
        }

        /**
         * Adds a metric. Default: all.
         *
         * @param name a name of any family, see {@code GpuMetric.named}
         * @return this builder
         */
        public Builder metric(String name) {
            metrics.add(QueryChecks.requireText("metric", name));
            return this;
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
         * Sets the part of the GPU. Default: all of them.
         *
         * @param part {@code gi:7} for a MIG instance, {@code nvlink:3} for a link; empty for the whole GPU
         * @return this builder
         */
        public Builder instance(String part) {
            this.instance = QueryChecks.requireNoNul("instance", part);
            return this;
        }

        /**
         * Sets the scope. Default: all.
         *
         * @param kept how the samples count in sums
         * @return this builder
         */
        public Builder scope(Scope kept) {
            this.scope = requireNonNull(kept, "kept");
            return this;
        }

        /**
         * Sets the order. Default: {@link SampleOrder#NEWEST} first.
         *
         * @param first the samples that come first
         * @return this builder
         */
        public Builder order(SampleOrder first) {
            this.order = requireNonNull(first, "first");
            return this;
        }

        /**
         * Sets the size of the page. Default: {@value #DEFAULT_LIMIT}.
         *
         * @param rows 1 to {@value #MAX_LIMIT}
         * @return this builder
         * @throws InvalidQueryException if it is something else
         */
        public Builder limit(int rows) {
            this.limit = QueryChecks.requireLimit(rows);
            return this;
        }

        /**
         * Sets the number of rows to leave out. The database reads them all the same; a cursor does not.
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
         * Counts all rows of the answer, too. A count reads all of them.
         *
         * @return this builder
         */
        public Builder withTotal() {
            this.withTotal = true;
            return this;
        }

        /**
         * Returns the question.
         *
         * @return a question
         * @throws InvalidQueryException if the end is before the start, or if there is a cursor and an offset
         */
        public SampleQuery build() {
            if (cursor != null && offset > 0) {
                throw new InvalidQueryException("cursor", "give cursor or offset, not both");
            }
            return new SampleQuery(this);
        }
    }
}

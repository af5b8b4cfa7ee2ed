package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A question for GPUs, by their newest place and labels, page by page. Immutable. */
public final class GpuFilter {
    private final Optional<String> host;
    private final Optional<String> namespace;
    private final Optional<String> model;
    private final Optional<Instant> seenSince;
    private final int limit;
    private final long offset;

    private GpuFilter(Builder builder) {
        this.host = Optional.ofNullable(builder.host);
        this.namespace = Optional.ofNullable(builder.namespace);
        this.model = Optional.ofNullable(builder.model);
        this.seenSince = Optional.ofNullable(builder.seenSince).map(TimeRange::firstStored);
        this.limit = builder.limit;
        this.offset = builder.offset;
    }

    /**
     * Returns the first page of all GPUs.
     *
     * @return a filter
     */
    public static GpuFilter all() {
        return builder().build();
    }

    /**
     * Returns a builder for all GPUs.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    Optional<String> host() {
        return host;
    }

    Optional<String> namespace() {
        return namespace;
    }

    Optional<String> model() {
        return model;
    }

    Optional<Instant> seenSince() {
        return seenSince;
    }

    int limit() {
        return limit;
    }

    long offset() {
        return offset;
    }

    /** A builder of filters. Not thread-safe. */
    public static final class Builder {
        private @Nullable String host;
        private @Nullable String namespace;
        private @Nullable String model;
        private @Nullable Instant seenSince;
        private int limit = SampleQuery.DEFAULT_LIMIT;
        private long offset;

        private Builder() {}

        /**
         * Keeps the GPUs of a host. Default: all.
         *
         * @param name the host, as it is stored
         * @return this builder
         */
        public Builder host(String name) {
            this.host = QueryChecks.requireStorable("host", name);
            return this;
        }

        /**
         * Keeps the GPUs whose newest workload is in a namespace. Default: all.
         *
         * @param name the namespace, as it is stored
         * @return this builder
         */
        public Builder namespace(String name) {
            this.namespace = QueryChecks.requireStorable("namespace", name);
            return this;
        }

        /**
         * Keeps the GPUs of a model. Default: all.
         *
         * @param name the model, as it is stored
         * @return this builder
         */
        public Builder model(String name) {
            this.model = QueryChecks.requireStorable("model", name);
            return this;
        }

        /**
         * Keeps the GPUs with a sample since a time. Default: all.
         *
         * @param time the time, rounded up to a microsecond
         * @return this builder
         */
        public Builder seenSince(Instant time) {
            this.seenSince = requireNonNull(time, "time");
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
         * Sets the number of GPUs to leave out. Default: 0.
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
         * Returns the filter.
         *
         * @return a filter
         */
        public GpuFilter build() {
            return new GpuFilter(this);
        }
    }
}

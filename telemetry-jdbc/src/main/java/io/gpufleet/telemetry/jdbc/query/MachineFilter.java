package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.heartbeat.ClientId;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A question for machines, or for the devices of machines, page by page. Immutable. */
public final class MachineFilter {
    private final Optional<ClientId> client;
    private final Optional<Instant> seenSince;
    private final int limit;
    private final long offset;

    private MachineFilter(Builder builder) {
        this.client = Optional.ofNullable(builder.client);
        this.seenSince = Optional.ofNullable(builder.seenSince).map(TimeRange::firstStored);
        this.limit = builder.limit;
        this.offset = builder.offset;
    }

    /**
     * Returns the first page of all machines.
     *
     * @return a filter
     */
    public static MachineFilter all() {
        return builder().build();
    }

    /**
     * Returns a builder for all machines.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    Optional<ClientId> client() {
        return client;
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
        private @Nullable ClientId client;
        private @Nullable Instant seenSince;
        private int limit = SampleQuery.DEFAULT_LIMIT;
        private long offset;

        private Builder() {}

        /**
         * Keeps one machine. Default: all.
         *
         * @param id the client's id: 32 hexadecimal characters of either case
         * @return this builder
         * @throws InvalidQueryException if it is something else
         */
        public Builder client(String id) {
            this.client = QueryChecks.requireClient(id);
            return this;
        }

        /**
         * Keeps the machines with a heartbeat since a time. Default: all.
         *
         * @param time the time
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
         * Sets the number of rows to leave out. Default: 0.
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
        public MachineFilter build() {
            return new MachineFilter(this);
        }
    }
}

package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.gpu.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A question for an aggregation of a metric of a GPU, a host, a namespace or the fleet, over a range or over the
 * buckets of it. Immutable.
 *
 * <pre>{@code
 * AggregateQuery query = AggregateQuery.builder("nvidia3:node-17", "DCGM_FI_DEV_GPU_TEMP", Aggregation.MAX)
 *         .from(Instant.parse("2026-03-01T00:00:00Z"))
 *         .to(Instant.parse("2026-03-01T23:59:59Z"))
 *         .bucket(Duration.ofMinutes(5))
 *         .build();
 * List<Aggregate> answer = queries.aggregate(query);
 * }</pre>
 */
public final class AggregateQuery {
    private final AggregateSubject subject;
    private final String metric;
    private final Aggregation aggregation;
    private final boolean timeWeighted;
    private final TimeRange range;
    private final Optional<Duration> bucket;
    private final Optional<String> instance;
    private final Optional<Scope> scope;
    private final OptionalInt limit;
    private final long offset;

    private AggregateQuery(Builder builder) {
        this.subject = builder.subject;
        this.metric = builder.metric;
        this.aggregation = builder.aggregation;
        this.timeWeighted = builder.timeWeighted;
        this.range = new TimeRange(Optional.ofNullable(builder.from), Optional.ofNullable(builder.to));
        this.bucket = Optional.ofNullable(builder.bucket);
        this.instance = Optional.ofNullable(builder.instance);
        this.scope = Optional.ofNullable(builder.scope);
        this.limit = builder.limit;
        this.offset = builder.offset;
    }

    /**
     * Returns a builder for the last 24 hours, without buckets.
     *
     * @param gpu the UUID, in any case, or {@code device:hostname} for the GPU that was there last
     * @param metric a name of any family, see {@code GpuMetric.named}
     * @param aggregation the function
     * @return a builder
     */
    public static Builder builder(String gpu, String metric, Aggregation aggregation) {
        AggregateSubject subject = new AggregateSubject(AggregateSubject.Kind.GPU, QueryChecks.requireText("id", gpu));
        return new Builder(subject, metric, aggregation);
    }

    /**
     * Returns a builder for the last 24 hours of a host, without buckets. The answer is one row for all GPUs of the
     * host, or one a bucket: each GPU has one value of a time, its own, or else that which its MIG instances make
     * ({@code GpuMetric.instanceTotal}) or the largest of those that its workloads have. Of a counter, the increases
     * and rates of the GPUs add up. Links and other series have no part in it.
     *
     * @param host the host that the samples name, also if the GPU has moved since
     * @param metric a name of any family, see {@code GpuMetric.named}
     * @param aggregation the function; {@code LAST} is the largest value of the newest time
     * @return a builder
     */
    public static Builder ofHost(String host, String metric, Aggregation aggregation) {
        return new Builder(group(AggregateSubject.Kind.HOST, "host", host), metric, aggregation);
    }

    /**
     * Returns a builder for the last 24 hours of a namespace, without buckets. The answer is as that for a host. A GPU
     * counts once at a time, however many pods of the namespace share it, with the value of their samples; a rise of a
     * counter counts where its later sample names the namespace.
     *
     * @param namespace the namespace that the samples name
     * @param metric a name of any family, see {@code GpuMetric.named}
     * @param aggregation the function; {@code LAST} is the largest value of the newest time
     * @return a builder
     */
    public static Builder ofNamespace(String namespace, String metric, Aggregation aggregation) {
        return new Builder(group(AggregateSubject.Kind.NAMESPACE, "namespace", namespace), metric, aggregation);
    }

    /**
     * Returns a builder for the last 24 hours of all GPUs, without buckets. The answer is as that for a host.
     *
     * @param metric a name of any family, see {@code GpuMetric.named}
     * @param aggregation the function; {@code LAST} is the largest value of the newest time
     * @return a builder
     */
    public static Builder ofFleet(String metric, Aggregation aggregation) {
        return new Builder(new AggregateSubject(AggregateSubject.Kind.FLEET, ""), metric, aggregation);
    }

    private static AggregateSubject group(AggregateSubject.Kind kind, String parameter, String name) {
        return new AggregateSubject(kind, QueryChecks.requireStorable(parameter, name));
    }

    AggregateSubject subject() {
        return subject;
    }

    String metric() {
        return metric;
    }

    Aggregation aggregation() {
        return aggregation;
    }

    boolean isTimeWeighted() {
        return timeWeighted;
    }

    TimeRange range() {
        return range;
    }

    Optional<Duration> bucket() {
        return bucket;
    }

    Optional<String> instance() {
        return instance;
    }

    Optional<Scope> scope() {
        return scope;
    }

    OptionalInt limit() {
        return limit;
    }

    long offset() {
        return offset;
    }

    /** A builder of questions. Not thread-safe. */
    public static final class Builder {
        private final AggregateSubject subject;
        private final String metric;
        private final Aggregation aggregation;
        private boolean timeWeighted;
        private @Nullable Instant from;
        private @Nullable Instant to;
        private @Nullable Duration bucket;
        private @Nullable String instance;
        private @Nullable Scope scope;
        private OptionalInt limit = OptionalInt.empty();
        private long offset;

        private Builder(AggregateSubject subject, String metric, Aggregation aggregation) {
            this.subject = subject;
            this.metric = QueryChecks.requireText("metric", metric);
            this.aggregation = requireNonNull(aggregation, "aggregation");
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
         * Asks for buckets: half open, on the grid that begins at 1970. A bucket without samples is left out. Default:
         * the whole range.
         *
         * @param size whole seconds, at least 1; at most 11,000 buckets
         * @return this builder
         * @throws InvalidQueryException if the size is not whole seconds
         */
        public Builder bucket(Duration size) {
            if (requireNonNull(size, "size").toSeconds() < 1 || !size.equals(Duration.ofSeconds(size.toSeconds()))) {
                throw QueryChecks.invalidBucket(size.toString());
            }
            this.bucket = size;
            return this;
        }

        /**
         * Weighs each value by the time that it holds: until the next sample of its part, or in a group of its GPU, for
         * 5 minutes at most, and not beyond the end of the range. Buckets share the time of a value that reaches into
         * the next ones. Where no time is held, all values weigh the same. Default: they always do.
         *
         * @return this builder
         */
        public Builder timeWeighted() {
            this.timeWeighted = true;
            return this;
        }

        /**
         * Sets the part of the GPU. Default: each part for itself.
         *
         * @param part {@code gi:7} for a MIG instance, {@code nvlink:3} for a link; empty for the whole GPU
         * @return this builder
         */
        public Builder instance(String part) {
            this.instance = QueryChecks.requireNoNul("instance", part);
            return this;
        }

        /**
         * Sets the scope of the samples. Default: all; of copies for workloads, one value of each time counts.
         *
         * @param kept how the samples count in sums
         * @return this builder
         */
        public Builder scope(Scope kept) {
            this.scope = requireNonNull(kept, "kept");
            return this;
        }

        /**
         * Sets the largest number of rows. Default: all.
         *
         * @param rows 1 to {@value SampleQuery#MAX_LIMIT}
         * @return this builder
         * @throws InvalidQueryException if it is something else
         */
        public Builder limit(int rows) {
            this.limit = OptionalInt.of(QueryChecks.requireLimit(rows));
            return this;
        }

        /**
         * Sets the number of rows to leave out.
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
         * @throws InvalidQueryException if the end is before the start, if another aggregation than {@code AVG} is
         *     weighted by time, or if a part or scope is named for a group
         */
        public AggregateQuery build() {
            if (timeWeighted && aggregation != Aggregation.AVG) {
                throw new InvalidQueryException(
                        "aggregation",
                        "aggregation " + aggregation.text() + " cannot be weighted by time; allowed: avg");
            }
            requireOfGpu("instance", instance);
            requireOfGpu("scope", scope);
            return new AggregateQuery(this);
        }

        private void requireOfGpu(String parameter, @Nullable Object value) {
            if (subject.isGroup() && value != null) {
                throw new InvalidQueryException(
                        parameter, parameter + " is allowed for a GPU, not for a group, was " + value);
            }
        }
    }
}

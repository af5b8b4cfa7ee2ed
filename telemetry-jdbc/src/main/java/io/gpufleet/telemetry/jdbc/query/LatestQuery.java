package io.gpufleet.telemetry.jdbc.query;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A question for the newest samples of a GPU, or of all GPUs. Immutable. */
public final class LatestQuery {
    /** The age that a question names if it names none. */
    private static final Duration DEFAULT_AGE = Duration.ofHours(1);

    private final Optional<String> gpu;
    private final List<String> metrics;
    private final Duration maxAge;

    private LatestQuery(Builder builder) {
        this.gpu = Optional.ofNullable(builder.gpu);
        this.metrics = List.copyOf(builder.metrics);
        this.maxAge = builder.maxAge;
    }

    /**
     * Returns a builder for all metrics of a GPU.
     *
     * @param gpu the UUID, in any case, or {@code device:hostname} for the GPU that was there last
     * @return a builder
     */
    public static Builder ofGpu(String gpu) {
        return new Builder(QueryChecks.requireText("id", gpu));
    }

    /**
     * Returns a builder for a metric of all GPUs.
     *
     * @param metric a name of any family, see {@code GpuMetric.named}
     * @return a builder
     */
    public static Builder ofAllGpus(String metric) {
        return new Builder(null).metric(metric);
    }

    Optional<String> gpu() {
        return gpu;
    }

    List<String> metrics() {
        return metrics;
    }

    Duration maxAge() {
        return maxAge;
    }

    /** A builder of questions. Not thread-safe. */
    public static final class Builder {
        private final @Nullable String gpu;
        private final List<String> metrics = new ArrayList<>();
        private Duration maxAge = DEFAULT_AGE;

        private Builder(@Nullable String gpu) {
            this.gpu = gpu;
        }

        /**
         * Adds a metric. Default: all of a GPU.
         *
         * @param name a name of any family, see {@code GpuMetric.named}
         * @return this builder
         */
        public Builder metric(String name) {
            metrics.add(QueryChecks.requireText("metric", name));
            return this;
        }

        /**
         * Sets how old a sample may be. Default: an hour.
         *
         * @param age more than 0; a long one is no slower, unless the GPU is silent
         * @return this builder
         * @throws InvalidQueryException if it is not
         */
        public Builder maxAge(Duration age) {
            this.maxAge = QueryChecks.requirePositive("max_age", age);
            return this;
        }

        /**
         * Returns the question.
         *
         * @return a question
         */
        public LatestQuery build() {
            return new LatestQuery(this);
        }
    }
}

package io.gpufleet.telemetry.examples.rest.gpus;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.gpufleet.telemetry.jdbc.query.Aggregate;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The value of an aggregation, over the whole range or over a bucket of it. Immutable.
 *
 * @param uuid the GPU
 * @param device the name of its device now; empty if unknown
 * @param hostname its host now; empty if unknown
 * @param metricName the metric's name before DCGM 4.6
 * @param aggregation the function
 * @param value the value; null for the rate of a single sample
 * @param samples the number of samples that it is of
 * @param start the beginning of the bucket; absent without buckets
 * @param instance the part of the GPU; absent for the whole GPU
 */
@Schema(description = "The value of an aggregation, over the whole range or over a bucket of it")
record MetricValue(
        String uuid,
        String device,
        String hostname,
        @JsonProperty("metric_name") String metricName,
        String aggregation,

        @Schema(
                types = {"number", "null"},
                description = "Null for the rate of a single sample")
        @JsonProperty("metric_value")
        @Nullable
        Double value,

        long samples,

        @Schema(description = "The beginning of the bucket, absent without buckets")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        Instant start,

        @Schema(description = "The part of the GPU, absent for the whole GPU: `gi:7` a MIG instance, `nvlink:3` a link")
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        String instance) {

    static MetricValue of(Aggregate row) {
        return new MetricValue(
                row.uuid(),
                row.device(),
                row.hostname(),
                row.metric(),
                row.aggregation().name().toLowerCase(Locale.ROOT),
                row.value().isPresent() ? row.value().getAsDouble() : null,
                row.samples(),
                row.start().orElse(null),
                row.instance());
    }
}

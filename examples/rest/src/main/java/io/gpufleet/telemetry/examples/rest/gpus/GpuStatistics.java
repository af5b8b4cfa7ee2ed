package io.gpufleet.telemetry.examples.rest.gpus;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;

/**
 * The main metrics of a GPU over the last hours. Immutable.
 *
 * @param uuid the GPU
 * @param hours the number of hours
 * @param startTime the first instant
 * @param endTime the last instant
 * @param metrics the metrics that have samples
 */
@Schema(description = "The main metrics of a GPU over the last hours")
record GpuStatistics(
        String uuid,
        int hours,
        @JsonProperty("start_time") Instant startTime,
        @JsonProperty("end_time") Instant endTime,
        List<Metric> metrics) {
    /**
     * A metric.
     *
     * @param metricName its name before DCGM 4.6
     * @param samples the number of samples
     * @param min the smallest value
     * @param max the largest value
     * @param avg the mean
     * @param last the newest value
     * @param instance the part of the GPU; absent for the whole GPU
     */
    @Schema(name = "GpuStatistic", description = "A metric over the last hours, in its unit")
    record Metric(
            @JsonProperty("metric_name") String metricName,
            long samples,
            double min,
            double max,
            double avg,
            double last,

            @Schema(description = "The part of the GPU, absent for the whole GPU")
            @JsonInclude(JsonInclude.Include.NON_EMPTY)
            String instance) {}
}

package io.gpufleet.telemetry.examples.rest.status;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerPerformance;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a service, as they have reported; means are those of the last hour. Immutable.
 *
 * @param service its name
 * @param group its consumer group
 * @param lag the records that wait for it; null if it has not reported recently
 * @param lagStatus UNKNOWN, HEALTHY, WATCH, WARNING or CRITICAL
 * @param reportedAt the time of its last report; null if there is none
 * @param batchMillis the mean time of a batch; null if it has written none
 * @param speed UNKNOWN, GOOD, MARGINAL or TOO_SLOW
 * @param batchSize the mean number of records of a batch; null if it has written none
 * @param messagesPerSecond the mean number of records a second; null if it has written none
 * @param errorRate the share of records that failed, 0 to 1; null if it has written none
 * @param recommendation what to do
 */
@Schema(description = "The consumers of a service, as they have reported; means are those of the last hour")
record ServiceReport(
        String service,
        String group,

        @Schema(
                types = {"integer", "null"},
                description = "The records that wait, null if it has not reported recently")
        @Nullable
        Long lag,

        @Schema(allowableValues = {"UNKNOWN", "HEALTHY", "WATCH", "WARNING", "CRITICAL"}) @JsonProperty("lag_status")
        String lagStatus,

        @Schema(
                types = {"string", "null"},
                format = "date-time")
        @JsonProperty("reported_at")
        @Nullable
        Instant reportedAt,

        @Schema(types = {"number", "null"}) @JsonProperty("batch_ms") @Nullable
        Double batchMillis,

        @Schema(allowableValues = {"UNKNOWN", "GOOD", "MARGINAL", "TOO_SLOW"})
        String speed,

        @Schema(types = {"number", "null"}) @JsonProperty("batch_size") @Nullable
        Double batchSize,

        @Schema(types = {"number", "null"}) @JsonProperty("messages_per_second") @Nullable
        Double messagesPerSecond,

        @Schema(
                types = {"number", "null"},
                description = "The share of the records, 0 to 1")
        @JsonProperty("error_rate")
        @Nullable
        Double errorRate,

        String recommendation) {

    static ServiceReport of(ConsumerPerformance service) {
        return new ServiceReport(
                service.serviceName(),
                service.groupId(),
                Reported.lag(service.lagStatus(), service.currentTotalLag()),
                service.lagStatus(),
                service.lastLagAt().orElse(null),
                Reported.value(service.averageProcessingMillis()),
                service.processingSpeed(),
                Reported.value(service.averageBatchSize()),
                Reported.value(service.averageMessagesPerSecond()),
                Reported.value(service.errorRate()),
                service.recommendation());
    }
}

package io.gpufleet.telemetry.examples.rest.status;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerAlert;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A service that needs attention. Immutable.
 *
 * @param service its name
 * @param group its consumer group
 * @param action {@code monitor}, {@code investigate} or {@code immediate_action}
 * @param lag the records that wait for it; null if it has not reported recently
 * @param lagStatus UNKNOWN, HEALTHY, WATCH, WARNING or CRITICAL
 * @param reportAgeSeconds the age of its last report; null if there is none
 * @param speed UNKNOWN, GOOD, MARGINAL or TOO_SLOW
 * @param errorRate the share of records that failed, 0 to 1; null if it has written none
 * @param recommendation what to do
 */
@Schema(description = "A service that needs attention")
record ServiceAlert(
        String service,
        String group,

        @Schema(allowableValues = {"monitor", "investigate", "immediate_action"})
        String action,

        @Schema(
                types = {"integer", "null"},
                description = "The records that wait, null if it has not reported recently")
        @Nullable
        Long lag,

        @Schema(allowableValues = {"UNKNOWN", "HEALTHY", "WATCH", "WARNING", "CRITICAL"}) @JsonProperty("lag_status")
        String lagStatus,

        @Schema(types = {"integer", "null"}) @JsonProperty("report_age_seconds") @Nullable
        Long reportAgeSeconds,

        @Schema(allowableValues = {"UNKNOWN", "GOOD", "MARGINAL", "TOO_SLOW"})
        String speed,

        @Schema(
                types = {"number", "null"},
                description = "The share of the records, 0 to 1")
        @JsonProperty("error_rate")
        @Nullable
        Double errorRate,

        String recommendation) {

    static ServiceAlert of(ConsumerAlert alert) {
        return new ServiceAlert(
                alert.serviceName(),
                alert.groupId(),
                word(alert.actionRequired()),
                Reported.lag(alert.lagStatus(), alert.currentTotalLag()),
                alert.lagStatus(),
                alert.lagAge().map(Duration::toSeconds).orElse(null),
                alert.processingSpeed(),
                Reported.value(alert.errorRate()),
                alert.recommendation());
    }

    static String word(ConsumerAlert.Action action) {
        return action.name().toLowerCase(Locale.ROOT);
    }
}

package io.gpufleet.telemetry.examples.rest.status;

import io.gpufleet.telemetry.jdbc.monitor.ConsumerAlert;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Comparator;
import java.util.List;

/**
 * Whether the consumers need attention. Immutable.
 *
 * @param status the most urgent action of the alerts; {@code ok} without alerts, {@code unknown} without services
 * @param services the number of services that have settings or have reported in the last day
 * @param alerts the services that need attention, the most urgent first
 */
@Schema(description = "Whether the consumers need attention")
record StatusReport(
        @Schema(
                allowableValues = {"ok", "monitor", "investigate", "immediate_action", "unknown"},
                description = "The most urgent action; unknown if no service reports")
        String status,

        int services,
        List<ServiceAlert> alerts) {

    static StatusReport of(int services, List<ConsumerAlert> alerts) {
        String calm = services == 0 ? "unknown" : "ok";
        String status = alerts.stream()
                .map(ConsumerAlert::actionRequired)
                .max(Comparator.naturalOrder())
                .map(ServiceAlert::word)
                .orElse(calm);
        return new StatusReport(
                status, services, alerts.stream().map(ServiceAlert::of).toList());
    }
}

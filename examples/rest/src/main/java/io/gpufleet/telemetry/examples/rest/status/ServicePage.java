package io.gpufleet.telemetry.examples.rest.status;

import io.gpufleet.telemetry.jdbc.monitor.ConsumerPerformance;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * The reports of all services. Immutable.
 *
 * @param count the number of services
 * @param services the services, the one with the largest mean lag first
 */
@Schema(description = "The services that have settings or have reported in the last day, the largest mean lag first")
record ServicePage(int count, List<ServiceReport> services) {
    static ServicePage of(List<ConsumerPerformance> services) {
        return new ServicePage(
                services.size(), services.stream().map(ServiceReport::of).toList());
    }
}

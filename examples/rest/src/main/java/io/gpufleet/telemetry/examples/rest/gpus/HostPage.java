package io.gpufleet.telemetry.examples.rest.gpus;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.gpufleet.telemetry.jdbc.query.GpuCount;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * A page of hosts. Immutable.
 *
 * @param count the number of hosts of the page
 * @param hosts the hosts by name
 */
@Schema(description = "A page of hosts by name")
record HostPage(int count, List<Host> hosts) {
    /**
     * A host.
     *
     * @param hostname its name
     * @param gpus the number of GPUs that were seen there last
     */
    @Schema(description = "A host with the number of GPUs that were seen there last")
    record Host(String hostname, @JsonProperty("gpu_count") long gpus) {}

    static HostPage of(List<GpuCount> counts) {
        return new HostPage(
                counts.size(),
                counts.stream()
                        .map(count -> new Host(count.name(), count.gpus()))
                        .toList());
    }
}

package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.heartbeat.ClientId;
import java.time.Instant;

/**
 * A machine of the fleet by its newest heartbeat. Immutable.
 *
 * @param client its id
 * @param cpuUsage CPU usage in percent
 * @param memoryUsage memory usage in percent
 * @param diskUsage disk usage in percent
 * @param totalTflops its computing power in TFLOPS
 * @param deviceMemoryGb the memory of all its devices in GB
 * @param deviceCount the number of its devices, as it reports it
 * @param heartbeatAt the time of the heartbeat
 */
public record Machine(
        ClientId client,
        int cpuUsage,
        int memoryUsage,
        int diskUsage,
        long totalTflops,
        long deviceMemoryGb,
        long deviceCount,
        Instant heartbeatAt) {
    /**
     * Checks the components.
     *
     * @param client as the component
     * @param cpuUsage as the component
     * @param memoryUsage as the component
     * @param diskUsage as the component
     * @param totalTflops as the component
     * @param deviceMemoryGb as the component
     * @param deviceCount as the component
     * @param heartbeatAt as the component
     */
    public Machine {
        requireNonNull(client, "client");
        requireNonNull(heartbeatAt, "heartbeatAt");
    }
}

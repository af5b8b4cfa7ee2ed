package io.gpufleet.telemetry.examples.rest.clients;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.gpufleet.telemetry.jdbc.query.Machine;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;

/**
 * A machine by its newest heartbeat. Immutable.
 *
 * @param clientId its id, 32 hexadecimal characters in lower case
 * @param cpuUsage CPU usage in percent
 * @param memoryUsage memory usage in percent
 * @param diskUsage disk usage in percent
 * @param totalTflops its computing power in TFLOPS
 * @param deviceMemoryGb the memory of all its devices in GB
 * @param deviceCount the number of its devices, as it reports it
 * @param lastHeartbeat the time of the heartbeat
 */
@Schema(description = "A machine by its newest heartbeat; usages are in percent")
record Client(
        @JsonProperty("client_id") String clientId,
        @JsonProperty("cpu_usage") int cpuUsage,
        @JsonProperty("memory_usage") int memoryUsage,
        @JsonProperty("disk_usage") int diskUsage,
        @JsonProperty("total_tflops") long totalTflops,
        @JsonProperty("device_memory_gb") long deviceMemoryGb,
        @JsonProperty("device_count") long deviceCount,
        @JsonProperty("last_heartbeat") Instant lastHeartbeat) {

    static Client of(Machine machine) {
        return new Client(
                machine.client().toString(),
                machine.cpuUsage(),
                machine.memoryUsage(),
                machine.diskUsage(),
                machine.totalTflops(),
                machine.deviceMemoryGb(),
                machine.deviceCount(),
                machine.heartbeatAt());
    }
}

package io.gpufleet.telemetry.examples.rest.clients;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.gpufleet.telemetry.heartbeat.ClientDailyStatistics;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.time.LocalDate;

/**
 * A machine over the heartbeats of a UTC day. Immutable.
 *
 * @param date the day
 * @param totalHeartbeats the number of heartbeats
 * @param avgCpuUsage mean CPU usage in percent
 * @param avgMemoryUsage mean memory usage in percent
 * @param avgDiskUsage mean disk usage in percent
 * @param totalNetworkInBytes bytes received
 * @param totalNetworkOutBytes bytes sent
 * @param lastHeartbeat the time of the newest heartbeat
 */
@Schema(description = "A machine over the heartbeats of a UTC day; usages are means in percent")
record ClientDay(
        LocalDate date,
        @JsonProperty("total_heartbeats") int totalHeartbeats,
        @JsonProperty("avg_cpu_usage") double avgCpuUsage,
        @JsonProperty("avg_memory_usage") double avgMemoryUsage,
        @JsonProperty("avg_disk_usage") double avgDiskUsage,
        @JsonProperty("total_network_in_bytes") long totalNetworkInBytes,
        @JsonProperty("total_network_out_bytes") long totalNetworkOutBytes,
        @JsonProperty("last_heartbeat") Instant lastHeartbeat) {

    static ClientDay of(ClientDailyStatistics day) {
        int heartbeats = day.totalHeartbeats();
        return new ClientDay(
                day.date(),
                heartbeats,
                (double) day.sumCpuUsage() / heartbeats,
                (double) day.sumMemoryUsage() / heartbeats,
                (double) day.sumDiskUsage() / heartbeats,
                day.networkInBytes(),
                day.networkOutBytes(),
                day.lastHeartbeat());
    }
}

package io.gpufleet.telemetry.examples.rest.clients;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.gpufleet.telemetry.heartbeat.DeviceDailyStatistics;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.time.LocalDate;

/**
 * A device over the heartbeats of a UTC day. Immutable.
 *
 * @param date the day
 * @param deviceIndex its number on its machine
 * @param deviceName vendor and model in the newest heartbeat of the day
 * @param totalHeartbeats the number of heartbeats that had the device
 * @param avgUtilization mean utilization in percent
 * @param avgTemperature mean temperature in degrees Celsius
 * @param avgPowerUsage mean power usage as sent, percent of the limit or watts
 * @param avgMemoryUsage mean memory usage in percent
 * @param lastHeartbeat the time of the newest heartbeat
 */
@Schema(description = "A device over the heartbeats of a UTC day")
record DeviceDay(
        LocalDate date,
        @JsonProperty("device_index") int deviceIndex,
        @JsonProperty("device_name") String deviceName,
        @JsonProperty("total_heartbeats") int totalHeartbeats,
        @JsonProperty("avg_utilization") double avgUtilization,
        @JsonProperty("avg_temperature") double avgTemperature,
        @JsonProperty("avg_power_usage") double avgPowerUsage,
        @JsonProperty("avg_memory_usage") double avgMemoryUsage,
        @JsonProperty("last_heartbeat") Instant lastHeartbeat) {

    static DeviceDay of(DeviceDailyStatistics day) {
        int heartbeats = day.totalHeartbeats();
        return new DeviceDay(
                day.date(),
                day.deviceIndex(),
                day.deviceName(),
                heartbeats,
                (double) day.sumUtilization() / heartbeats,
                (double) day.sumTemperature() / heartbeats,
                (double) day.sumPowerUsage() / heartbeats,
                (double) day.sumMemoryUsage() / heartbeats,
                day.lastHeartbeat());
    }
}

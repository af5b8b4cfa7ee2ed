package io.gpufleet.telemetry.examples.rest.clients;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.jdbc.query.MachineDevice;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;

/**
 * A device of a machine, by the newest heartbeat that named its devices. Immutable.
 *
 * @param deviceIndex its number on the machine
 * @param deviceName vendor and model
 * @param vendorId PCI vendor id
 * @param deviceId PCI device id
 * @param utilization percent of time in use, as sent
 * @param memoryUsage percent of memory in use, as sent
 * @param powerUsage percent of the power limit, or watts, as sent
 * @param temperature degrees Celsius
 * @param memoryGb memory in GB, as sent
 * @param powerLimitWatts power limit in W, as sent
 * @param lastHeartbeat the time of the heartbeat
 */
@Schema(description = "A device by the newest heartbeat that named its devices; readings are as they were sent")
record ClientDevice(
        @JsonProperty("device_index") int deviceIndex,
        @JsonProperty("device_name") String deviceName,
        @JsonProperty("vendor_id") int vendorId,
        @JsonProperty("device_id") int deviceId,
        int utilization,
        @JsonProperty("memory_usage") int memoryUsage,
        @JsonProperty("power_usage") int powerUsage,
        int temperature,
        @JsonProperty("memory_gb") int memoryGb,
        @JsonProperty("power_limit_watts") int powerLimitWatts,
        @JsonProperty("last_heartbeat") Instant lastHeartbeat) {

    static ClientDevice of(MachineDevice row) {
        Device device = row.device();
        return new ClientDevice(
                device.index(),
                row.name(),
                device.vendorId(),
                device.deviceId(),
                device.usage(),
                device.memoryUsage(),
                device.powerUsage(),
                device.temperature(),
                device.memorySizeGb(),
                device.powerLimitWatts(),
                row.heartbeatAt());
    }
}

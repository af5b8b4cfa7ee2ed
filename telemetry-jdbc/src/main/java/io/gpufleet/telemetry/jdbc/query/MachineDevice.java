package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.Device;
import java.time.Instant;

/**
 * A device of a machine, by the newest heartbeat that named its devices. Immutable.
 *
 * @param client the id of its machine
 * @param device its number on the machine, its PCI ids and its readings, as they were sent
 * @param name vendor and model
 * @param heartbeatAt the time of the heartbeat, which may be older than the machine's newest one
 */
public record MachineDevice(ClientId client, Device device, String name, Instant heartbeatAt) {
    /**
     * Checks the components.
     *
     * @param client as the component
     * @param device as the component
     * @param name as the component
     * @param heartbeatAt as the component
     */
    public MachineDevice {
        requireNonNull(client, "client");
        requireNonNull(device, "device");
        requireNonNull(name, "name");
        requireNonNull(heartbeatAt, "heartbeatAt");
    }
}

package io.gpufleet.telemetry.heartbeat;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;

/**
 * The report of a machine every few seconds: its load and its devices. The time is not part of it; it is the record's.
 * Immutable.
 *
 * @param clientId the machine
 * @param systemInfo its load
 * @param deviceMemTotalGb the memory of all devices in GB, an unsigned 32-bit integer
 * @param deviceCount the number of devices of the machine, an unsigned 32-bit integer, whatever the pods say
 * @param totalTflops its computing power, an unsigned 32-bit integer
 * @param pods its devices, in groups of up to eight
 */
public record Heartbeat(
        ClientId clientId,
        SystemInfo systemInfo,
        long deviceMemTotalGb,
        long deviceCount,
        long totalTflops,
        List<DevicePod> pods) {

    /**
     * Checks the components.
     *
     * @param clientId as the component
     * @param systemInfo as the component
     * @param deviceMemTotalGb as the component
     * @param deviceCount as the component
     * @param totalTflops as the component
     * @param pods as the component
     */
    public Heartbeat {
        requireNonNull(clientId, "clientId");
        requireNonNull(systemInfo, "systemInfo");
        Unsigned.requireInt("deviceMemTotalGb", deviceMemTotalGb);
        Unsigned.requireInt("deviceCount", deviceCount);
        Unsigned.requireInt("totalTflops", totalTflops);
        pods = List.copyOf(pods);
    }

    /**
     * Returns the devices of all pods in order, numbered over all pods, with their values unpacked. A pod that claims
     * more than eight contributes its first eight.
     *
     * @return a new list
     */
    public List<Device> devices() {
        List<Device> devices = new ArrayList<>();
        for (DevicePod pod : pods) {
            for (int k = 0; k < pod.deviceCount(); k++) {
                devices.add(pod.device(k, devices.size()));
            }
        }
        return devices;
    }
}

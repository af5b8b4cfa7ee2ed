package io.gpufleet.telemetry.heartbeat;

/**
 * The load of a machine. Immutable.
 *
 * @param cpuUsage percent as sent, 0 to 255; more than 100 is refused by the validator
 * @param memoryUsage percent as sent, 0 to 255
 * @param diskUsage percent as sent, 0 to 255
 * @param networkRx bytes received since the previous heartbeat, unsigned 64 bit
 * @param networkTx bytes sent since the previous heartbeat, unsigned 64 bit
 */
public record SystemInfo(int cpuUsage, int memoryUsage, int diskUsage, long networkRx, long networkTx) {

    /**
     * Checks the components.
     *
     * @param cpuUsage as the component
     * @param memoryUsage as the component
     * @param diskUsage as the component
     * @param networkRx as the component
     * @param networkTx as the component
     */
    public SystemInfo {
        Unsigned.requireByte("cpuUsage", cpuUsage);
        Unsigned.requireByte("memoryUsage", memoryUsage);
        Unsigned.requireByte("diskUsage", diskUsage);
    }
}

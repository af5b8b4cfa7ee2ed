package io.gpufleet.telemetry.heartbeat;

/**
 * A device of a heartbeat with its values unpacked, as they were sent: producers have different habits about units of
 * power and memory. Immutable.
 *
 * @param index the device's number over all pods of its heartbeat, from 0
 * @param usage percent of time in use, 0 to 255
 * @param memoryUsage percent of memory in use, 0 to 255
 * @param powerUsage percent of the power limit, or watts, 0 to 255
 * @param temperature degrees Celsius, 0 to 255
 * @param vendorId PCI vendor id, 0 to 65535
 * @param deviceId PCI device id, 0 to 65535
 * @param memorySizeGb memory in GB, 0 to 65535
 * @param powerLimitWatts power limit in W, 0 to 65535
 */
public record Device(
        int index,
        int usage,
        int memoryUsage,
        int powerUsage,
        int temperature,
        int vendorId,
        int deviceId,
        int memorySizeGb,
        int powerLimitWatts) {}

package io.gpufleet.telemetry.heartbeat;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Objects;
import java.util.function.ToIntFunction;

/**
 * A group of up to eight devices behind one address, as it lies on the wire. Immutable.
 *
 * @param num the number of devices that the pod claims, 0 to 65535; only the first eight have values
 * @param podId the pod's number on its machine, 0 to 65535
 * @param totalTflops the pod's computing power, 0 to 65535
 * @param memTotalGb the memory of its devices in GB, 0 to 65535
 * @param port the port of its engine, 0 to 65535
 * @param ip its IPv4 address as an unsigned 32-bit integer
 * @param osType its operating system
 * @param engineType its inference engine
 * @param usage percent of time in use, a device each
 * @param memoryUsage percent of memory in use
 * @param powerUsage percent of the power limit drawn, or watts: producers differ
 * @param temperature degrees Celsius
 * @param vendorId PCI vendor ids
 * @param deviceId PCI device ids
 * @param memorySizeGb memory in GB
 * @param powerLimitWatts power limits in W
 */
public record DevicePod(
        int num,
        int podId,
        int totalTflops,
        int memTotalGb,
        int port,
        long ip,
        OsType osType,
        EngineType engineType,
        PackedBytes usage,
        PackedBytes memoryUsage,
        PackedBytes powerUsage,
        PackedBytes temperature,
        PackedShorts vendorId,
        PackedShorts deviceId,
        PackedShorts memorySizeGb,
        PackedShorts powerLimitWatts) {

    /** The largest number of devices with values in a pod. */
    public static final int MAX_DEVICES = 8;

    /**
     * Checks the components.
     *
     * @param num as the component
     * @param podId as the component
     * @param totalTflops as the component
     * @param memTotalGb as the component
     * @param port as the component
     * @param ip as the component
     * @param osType as the component
     * @param engineType as the component
     * @param usage as the component
     * @param memoryUsage as the component
     * @param powerUsage as the component
     * @param temperature as the component
     * @param vendorId as the component
     * @param deviceId as the component
     * @param memorySizeGb as the component
     * @param powerLimitWatts as the component
     */
    public DevicePod {
        Unsigned.requireShort("num", num);
        Unsigned.requireShort("podId", podId);
        Unsigned.requireShort("totalTflops", totalTflops);
        Unsigned.requireShort("memTotalGb", memTotalGb);
        Unsigned.requireShort("port", port);
        Unsigned.requireInt("ip", ip);
        requireNonNull(osType, "osType");
        requireNonNull(engineType, "engineType");
        requireNonNull(usage, "usage");
        requireNonNull(memoryUsage, "memoryUsage");
        requireNonNull(powerUsage, "powerUsage");
        requireNonNull(temperature, "temperature");
        requireNonNull(vendorId, "vendorId");
        requireNonNull(deviceId, "deviceId");
        requireNonNull(memorySizeGb, "memorySizeGb");
        requireNonNull(powerLimitWatts, "powerLimitWatts");
    }

    /**
     * Packs devices into a pod with number, port, address and totals 0, on Linux, without an engine.
     *
     * @param devices at most eight devices; their {@link Device#index()} is not used
     * @return a pod
     */
    public static DevicePod of(List<Device> devices) {
        return new DevicePod(
                checkCount(requireNonNull(devices, "devices").size()),
                0,
                0,
                0,
                0,
                0,
                OsType.LINUX,
                EngineType.NONE,
                PackedBytes.of(values(devices, Device::usage)),
                PackedBytes.of(values(devices, Device::memoryUsage)),
                PackedBytes.of(values(devices, Device::powerUsage)),
                PackedBytes.of(values(devices, Device::temperature)),
                PackedShorts.of(values(devices, Device::vendorId)),
                PackedShorts.of(values(devices, Device::deviceId)),
                PackedShorts.of(values(devices, Device::memorySizeGb)),
                PackedShorts.of(values(devices, Device::powerLimitWatts)));
    }

    private static int[] values(List<Device> devices, ToIntFunction<Device> value) {
        return devices.stream().mapToInt(value).toArray();
    }

    /**
     * Returns the number of devices with values: the claimed number, at most eight.
     *
     * @return 0 to 8
     */
    public int deviceCount() {
        return Math.min(num, MAX_DEVICES);
    }

    /** Returns device {@code k} of the pod as device {@code index} of the heartbeat. */
    Device device(int k, int index) {
        return new Device(
                index,
                usage.get(k),
                memoryUsage.get(k),
                powerUsage.get(k),
                temperature.get(k),
                vendorId.get(k),
                deviceId.get(k),
                memorySizeGb.get(k),
                powerLimitWatts.get(k));
    }

    static int checkIndex(int index) {
        return Objects.checkIndex(index, MAX_DEVICES);
    }

    static int checkCount(int count) {
        if (count > MAX_DEVICES) {
            throw new IllegalArgumentException(count + " devices are more than the " + MAX_DEVICES + " of a pod");
        }
        return count;
    }
}

package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The faults of a heartbeat that decodes but is refused by a validator. */
enum Refusal {
    PERCENTAGE,
    NETWORK,
    DEVICE_COUNT,
    POD_OF_TOO_MANY,
    FOREIGN_KEY,
    EMPTY_KEY;

    static Refusal any(Random random) {
        return values()[random.nextInt(values().length)];
    }

    /** Returns the heartbeat with the fault in its values. */
    Heartbeat spoil(Heartbeat good, Random random) {
        SystemInfo load = good.systemInfo();
        return switch (this) {
            case PERCENTAGE ->
                withLoad(
                        good,
                        new SystemInfo(
                                101 + random.nextInt(155),
                                load.memoryUsage(),
                                load.diskUsage(),
                                load.networkRx(),
                                load.networkTx()));
            case NETWORK ->
                withLoad(
                        good,
                        new SystemInfo(
                                load.cpuUsage(),
                                load.memoryUsage(),
                                load.diskUsage(),
                                Long.MIN_VALUE | random.nextLong(),
                                load.networkTx()));
            case DEVICE_COUNT -> withDevices(good, (1L << 31) + random.nextInt(Integer.MAX_VALUE), good.pods());
            case POD_OF_TOO_MANY -> withDevices(good, good.deviceCount(), overfilled(good.pods(), random));
            case FOREIGN_KEY, EMPTY_KEY -> good;
        };
    }

    /** Returns the key with its fault. */
    byte[] key(ClientId clientId) {
        return switch (this) {
            case FOREIGN_KEY -> ascii(new ClientId(~clientId.high(), clientId.low()).toString());
            case EMPTY_KEY -> new byte[0];
            case PERCENTAGE, NETWORK, DEVICE_COUNT, POD_OF_TOO_MANY -> ascii(clientId.toString());
        };
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static Heartbeat withLoad(Heartbeat good, SystemInfo load) {
        return new Heartbeat(
                good.clientId(), load, good.deviceMemTotalGb(), good.deviceCount(), good.totalTflops(), good.pods());
    }

    private static Heartbeat withDevices(Heartbeat good, long deviceCount, List<DevicePod> pods) {
        return new Heartbeat(
                good.clientId(), good.systemInfo(), good.deviceMemTotalGb(), deviceCount, good.totalTflops(), pods);
    }

    private static List<DevicePod> overfilled(List<DevicePod> pods, Random random) {
        List<DevicePod> changed = new ArrayList<>(pods.isEmpty() ? List.of(DevicePod.of(List.of())) : pods);
        changed.set(0, withNum(changed.get(0), DevicePod.MAX_DEVICES + 1 + random.nextInt(100)));
        return changed;
    }

    private static DevicePod withNum(DevicePod pod, int num) {
        return new DevicePod(
                num,
                pod.podId(),
                pod.totalTflops(),
                pod.memTotalGb(),
                pod.port(),
                pod.ip(),
                pod.osType(),
                pod.engineType(),
                pod.usage(),
                pod.memoryUsage(),
                pod.powerUsage(),
                pod.temperature(),
                pod.vendorId(),
                pod.deviceId(),
                pod.memorySizeGb(),
                pod.powerLimitWatts());
    }
}

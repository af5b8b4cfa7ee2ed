package io.gpufleet.telemetry.heartbeat;

import java.util.ArrayList;
import java.util.List;

/** Heartbeats and devices for tests. */
final class Heartbeats {
    static final ClientId CLIENT = ClientId.parse("6e1131b49c014b7da25f1077deadbeef");
    static final SystemInfo LOAD = new SystemInfo(45, 60, 30, 1000, 2000);

    private Heartbeats() {}

    static Heartbeat of(ClientId client, SystemInfo load, DevicePod... pods) {
        return new Heartbeat(client, load, 24, 1, 82, List.of(pods));
    }

    /** Returns a pod that claims a number of devices and holds eight, whose values identify pod, device and field. */
    static DevicePod pod(int podId, int num) {
        return new DevicePod(
                num,
                podId,
                0,
                0,
                0,
                0,
                OsType.LINUX,
                EngineType.NONE,
                PackedBytes.of(values(podId, 1)),
                PackedBytes.of(values(podId, 2)),
                PackedBytes.of(values(podId, 3)),
                PackedBytes.of(values(podId, 4)),
                PackedShorts.of(values(podId, 1001)),
                PackedShorts.of(values(podId, 1002)),
                PackedShorts.of(values(podId, 1003)),
                PackedShorts.of(values(podId, 1004)));
    }

    private static int[] values(int podId, int field) {
        int[] values = new int[DevicePod.MAX_DEVICES];
        for (int k = 0; k < values.length; k++) {
            values[k] = 80 * podId + 10 * k + field;
        }
        return values;
    }

    /** Returns device {@code k} of {@link #pod}. */
    static Device device(int podId, int k, int index) {
        int base = 80 * podId + 10 * k;
        return new Device(
                index, base + 1, base + 2, base + 3, base + 4, base + 1001, base + 1002, base + 1003, base + 1004);
    }

    /** Returns the first devices of {@link #pod}, numbered from an index. */
    static List<Device> devices(int podId, int count, int firstIndex) {
        List<Device> devices = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            devices.add(device(podId, k, firstIndex + k));
        }
        return devices;
    }
}

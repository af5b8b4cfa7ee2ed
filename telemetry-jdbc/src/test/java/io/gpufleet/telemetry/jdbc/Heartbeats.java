package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Heartbeats for tests. */
public final class Heartbeats {
    public static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

    private Heartbeats() {}

    public static ClientId client(long number) {
        return new ClientId(0x8000_0000_0000_0000L, number);
    }

    /** Returns a heartbeat with the same load everywhere; twice as many bytes were sent as received. */
    public static Heartbeat heartbeat(long client, int load, Device... devices) {
        return heartbeat(client, new SystemInfo(load, load, load, load, 2L * load), devices);
    }

    public static Heartbeat heartbeat(long client, SystemInfo info, Device... devices) {
        List<Device> all = List.of(devices);
        List<DevicePod> pods = new ArrayList<>();
        for (int i = 0; i < all.size(); i += DevicePod.MAX_DEVICES) {
            pods.add(DevicePod.of(all.subList(i, Math.min(all.size(), i + DevicePod.MAX_DEVICES))));
        }
        return new Heartbeat(client(client), info, 80L * all.size(), all.size(), 100, pods);
    }

    /** Returns a heartbeat with a count of devices but without the devices. */
    public static Heartbeat withoutPods(long client, int load, int deviceCount) {
        return new Heartbeat(
                client(client), new SystemInfo(load, load, load, load, 2L * load), 80, deviceCount, 100, List.of());
    }

    /** Returns an H100 with the same value everywhere. */
    public static Device device(int usage) {
        return device(usage, 0x2331);
    }

    public static Device device(int usage, int deviceId) {
        return new Device(0, usage, usage, usage, usage, 0x10de, deviceId, 80, 350);
    }
}

package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.DeviceNames;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The whole heartbeat as it was sent, for people and for programs. Not thread-safe. */
final class HeartbeatSheet {
    private final Table machine = new Table(
            "Heartbeat",
            List.of(
                    Column.text("client id"),
                    Column.number("cpu usage"),
                    Column.number("memory usage"),
                    Column.number("disk usage"),
                    Column.number("network rx"),
                    Column.number("network tx"),
                    Column.number("device memtotal gb"),
                    Column.number("device count"),
                    Column.number("total tflops")));
    private final Table pods = new Table(
            "Pods",
            List.of(
                    Column.number("num"),
                    Column.number("pod id"),
                    Column.number("total tflops"),
                    Column.number("memtotal gb"),
                    Column.number("port"),
                    Column.text("ip"),
                    Column.text("os type"),
                    Column.text("engine type")));
    private final Table devices = new Table(
            "Devices",
            List.of(
                    Column.number("index"),
                    Column.text("name"),
                    Column.number("usage"),
                    Column.number("memory usage"),
                    Column.number("power usage"),
                    Column.number("temperature"),
                    Column.number("vendor id"),
                    Column.number("device id"),
                    Column.number("memory size gb"),
                    Column.number("power limit w")));

    HeartbeatSheet(Heartbeat heartbeat) {
        addMachine(heartbeat);
        heartbeat.pods().forEach(this::addPod);
        heartbeat.devices().forEach(this::addDevice);
    }

    private void addMachine(Heartbeat heartbeat) {
        SystemInfo system = heartbeat.systemInfo();
        machine.add(List.of(
                heartbeat.clientId().toString(),
                system.cpuUsage(),
                system.memoryUsage(),
                system.diskUsage(),
                unsigned(system.networkRx()),
                unsigned(system.networkTx()),
                heartbeat.deviceMemTotalGb(),
                heartbeat.deviceCount(),
                heartbeat.totalTflops()));
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    private void addPod(DevicePod pod) {
        pods.add(List.of(
                pod.num(),
                pod.podId(),
                pod.totalTflops(),
                pod.memTotalGb(),
                pod.port(),
                address(pod.ip()),
                pod.osType(),
                pod.engineType()));
    }

    private static String address(long ip) {
        return (ip >> 24) + "." + ((ip >> 16) & 0xff) + "." + ((ip >> 8) & 0xff) + "." + (ip & 0xff);
    }

    private void addDevice(Device device) {
        devices.add(List.of(
                device.index(),
                DeviceNames.standard().nameOf(device.vendorId(), device.deviceId()),
                device.usage(),
                device.memoryUsage(),
                device.powerUsage(),
                device.temperature(),
                device.vendorId(),
                device.deviceId(),
                device.memorySizeGb(),
                device.powerLimitWatts()));
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>(machine.uprightLines());
        lines.addAll(pods.lines());
        lines.addAll(devices.lines());
        return lines;
    }

    Map<String, @Nullable Object> fields() {
        Map<String, @Nullable Object> fields =
                new LinkedHashMap<>(machine.records().get(0));
        fields.put("pods", pods.records());
        fields.put("devices", devices.records());
        return fields;
    }
}

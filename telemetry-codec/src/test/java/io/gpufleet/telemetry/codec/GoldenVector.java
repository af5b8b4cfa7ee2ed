package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.OsType;
import io.gpufleet.telemetry.heartbeat.PackedBytes;
import io.gpufleet.telemetry.heartbeat.PackedShorts;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** A line of a vector file: bytes, and the result of decoding them with Rust's bincode 2.0.1. */
final class GoldenVector {
    private final Json json;

    private GoldenVector(Json json) {
        this.json = json;
    }

    /** Reads {@code fixint_le}, {@code varint_standard} and their malformed counterparts. */
    static List<GoldenVector> all(String file) {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(GoldenVector.class.getResourceAsStream(file), StandardCharsets.UTF_8))) {
            return reader.lines()
                    .map(line -> new GoldenVector(Json.parse(line)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] bytes() {
        return HexFormat.of().parseHex(json.text("hex"));
    }

    String key() {
        return json.text("kafka_key");
    }

    /** Returns whether Rust decodes the bytes, perhaps without reading all of them. */
    boolean isDecoded() {
        return json.text("result").equals("ok");
    }

    /** Returns the number of bytes that Rust read. */
    int consumed() {
        return (int) json.number("consumed");
    }

    Heartbeat heartbeat() {
        Json fields = json.get("fields");
        return new Heartbeat(
                ClientId.parse(fields.text("client_id")),
                systemInfo(fields.get("system_info")),
                fields.number("device_memtotal_gb"),
                fields.number("device_count"),
                fields.number("total_tflops"),
                fields.get("devices_info").items().stream()
                        .map(GoldenVector::pod)
                        .toList());
    }

    private static SystemInfo systemInfo(Json fields) {
        return new SystemInfo(
                (int) fields.number("cpu_usage"),
                (int) fields.number("memory_usage"),
                (int) fields.number("disk_usage"),
                fields.number("network_rx"),
                fields.number("network_tx"));
    }

    private static DevicePod pod(Json fields) {
        return new DevicePod(
                (int) fields.number("num"),
                (int) fields.number("pod_id"),
                (int) fields.number("total_tflops"),
                (int) fields.number("memtotal_gb"),
                (int) fields.number("port"),
                fields.number("ip"),
                OsType.valueOf(fields.text("os_type")),
                EngineType.valueOf(fields.text("engine_type").toUpperCase(Locale.ROOT)),
                new PackedBytes(fields.number("usage")),
                new PackedBytes(fields.number("mem_usage")),
                new PackedBytes(fields.number("power_usage")),
                new PackedBytes(fields.number("temp")),
                shorts(fields.text("vendor_id")),
                shorts(fields.text("device_id")),
                shorts(fields.text("memsize_gb")),
                shorts(fields.text("powerlimit_w")));
    }

    private static PackedShorts shorts(String decimal) {
        BigInteger bits = new BigInteger(decimal);
        return new PackedShorts(bits.shiftRight(Long.SIZE).longValue(), bits.longValue());
    }

    /** Returns whether the devices of every pod can be unpacked: those of a pod that claims more than eight cannot. */
    boolean hasDevices() {
        return json.get("unpacked").items().stream().noneMatch(Json::isNull);
    }

    /** Returns the devices of all pods, numbered over all pods. */
    List<Device> devices() {
        List<Device> devices = new ArrayList<>();
        for (Json pod : json.get("unpacked").items()) {
            for (Json fields : pod.items()) {
                devices.add(device(fields, devices.size()));
            }
        }
        return devices;
    }

    private static Device device(Json fields, int index) {
        return new Device(
                index,
                (int) fields.number("gpu_usage"),
                (int) fields.number("mem_usage"),
                (int) fields.number("power_usage"),
                (int) fields.number("temp"),
                (int) fields.number("vendor_id"),
                (int) fields.number("device_id"),
                (int) fields.number("memsize_gb"),
                (int) fields.number("powerlimit_w"));
    }

    @Override
    public String toString() {
        return json.text("name");
    }
}

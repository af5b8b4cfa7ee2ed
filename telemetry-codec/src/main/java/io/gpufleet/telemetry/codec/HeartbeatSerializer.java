package io.gpufleet.telemetry.codec;

import static com.esotericsoftware.kryo.kryo5.io.Output.varLongLength;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.OsType;
import io.gpufleet.telemetry.heartbeat.PackedShorts;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.util.List;

/**
 * The serializer of a heartbeat's fields in Kryo's integers, as shown by {@link KryoHeartbeatCodec}. It reads from a
 * {@link PayloadInput} only. Immutable.
 */
final class HeartbeatSerializer extends Serializer<Heartbeat> {
    private static final int SMALLEST_POD = 20;

    private final DecodingRules rules;

    HeartbeatSerializer(DecodingRules rules) {
        super(false, true);
        this.rules = rules;
    }

    static int size(Heartbeat heartbeat) {
        SystemInfo info = heartbeat.systemInfo();
        int size = ClientId.BYTES
                + 3
                + varLongLength(info.networkRx(), true)
                + varLongLength(info.networkTx(), true)
                + varLongLength(heartbeat.deviceMemTotalGb(), true)
                + varLongLength(heartbeat.deviceCount(), true)
                + varLongLength(heartbeat.totalTflops(), true)
                + varLongLength(heartbeat.pods().size(), true);
        for (DevicePod pod : heartbeat.pods()) {
            size += size(pod);
        }
        return size;
    }

    private static int size(DevicePod pod) {
        return varLongLength(pod.num(), true)
                + varLongLength(pod.podId(), true)
                + varLongLength(pod.totalTflops(), true)
                + varLongLength(pod.memTotalGb(), true)
                + varLongLength(pod.port(), true)
                + varLongLength(pod.ip(), true)
                + 2
                + varLongLength(pod.usage().bits(), true)
                + varLongLength(pod.memoryUsage().bits(), true)
                + varLongLength(pod.powerUsage().bits(), true)
                + varLongLength(pod.temperature().bits(), true)
                + size(pod.vendorId())
                + size(pod.deviceId())
                + size(pod.memorySizeGb())
                + size(pod.powerLimitWatts());
    }

    private static int size(PackedShorts shorts) {
        return varLongLength(shorts.low(), true) + varLongLength(shorts.high(), true);
    }

    @Override
    public void write(Kryo kryo, Output output, Heartbeat heartbeat) {
        output.writeLong(Long.reverseBytes(heartbeat.clientId().high()));
        output.writeLong(Long.reverseBytes(heartbeat.clientId().low()));
        writeSystemInfo(heartbeat.systemInfo(), output);
        output.writeVarLong(heartbeat.deviceMemTotalGb(), true);
        output.writeVarLong(heartbeat.deviceCount(), true);
        output.writeVarLong(heartbeat.totalTflops(), true);
        output.writeVarInt(heartbeat.pods().size(), true);
        for (DevicePod pod : heartbeat.pods()) {
            writePod(pod, output);
        }
    }

    private static void writeSystemInfo(SystemInfo info, Output output) {
        output.writeByte(info.cpuUsage());
        output.writeByte(info.memoryUsage());
        output.writeByte(info.diskUsage());
        output.writeVarLong(info.networkRx(), true);
        output.writeVarLong(info.networkTx(), true);
    }

    private static void writePod(DevicePod pod, Output output) {
        output.writeVarInt(pod.num(), true);
        output.writeVarInt(pod.podId(), true);
        output.writeVarInt(pod.totalTflops(), true);
        output.writeVarInt(pod.memTotalGb(), true);
        output.writeVarInt(pod.port(), true);
        output.writeVarLong(pod.ip(), true);
        output.writeByte(EnumIndexes.of(pod.osType()));
        output.writeByte(EnumIndexes.of(pod.engineType()));
        output.writeVarLong(pod.usage().bits(), true);
        output.writeVarLong(pod.memoryUsage().bits(), true);
        output.writeVarLong(pod.powerUsage().bits(), true);
        output.writeVarLong(pod.temperature().bits(), true);
        writeShorts(pod.vendorId(), output);
        writeShorts(pod.deviceId(), output);
        writeShorts(pod.memorySizeGb(), output);
        writeShorts(pod.powerLimitWatts(), output);
    }

    private static void writeShorts(PackedShorts shorts, Output output) {
        output.writeVarLong(shorts.low(), true);
        output.writeVarLong(shorts.high(), true);
    }

    @Override
    public Heartbeat read(Kryo kryo, Input input, Class<? extends Heartbeat> type) {
        PayloadInput payload = (PayloadInput) input;
        return new Heartbeat(
                payload.clientId("client_id"),
                readSystemInfo(payload),
                payload.u32("device_memtotal_gb"),
                payload.u32("device_count"),
                payload.u32("total_tflops"),
                readPods(payload));
    }

    private static SystemInfo readSystemInfo(PayloadInput payload) {
        return new SystemInfo(
                payload.u8("cpu_usage"),
                payload.u8("memory_usage"),
                payload.u8("disk_usage"),
                payload.u64("network_rx"),
                payload.u64("network_tx"));
    }

    private List<DevicePod> readPods(PayloadInput payload) {
        int offset = payload.offset();
        long count = payload.u32("n");
        DevicePod[] pods = new DevicePod[rules.checkPods(count, offset, SMALLEST_POD, payload.left())];
        for (int pod = 0; pod < pods.length; pod++) {
            payload.enterPod(pod);
            pods[pod] = readPod(payload, pod);
        }
        return List.of(pods);
    }

    private DevicePod readPod(PayloadInput payload, int pod) {
        return new DevicePod(
                payload.u16("num"),
                payload.u16("pod_id"),
                payload.u16("total_tflops"),
                payload.u16("memtotal_gb"),
                payload.u16("port"),
                payload.u32("ip"),
                readOsType(payload, pod),
                readEngineType(payload, pod),
                payload.bytes("usage"),
                payload.bytes("mem_usage"),
                payload.bytes("power_usage"),
                payload.bytes("temp"),
                payload.shorts("vendor_id"),
                payload.shorts("device_id"),
                payload.shorts("memsize_gb"),
                payload.shorts("powerlimit_w"));
    }

    private OsType readOsType(PayloadInput payload, int pod) {
        int offset = payload.offset();
        return rules.osType(payload.u8("os_type"), pod, offset);
    }

    private EngineType readEngineType(PayloadInput payload, int pod) {
        int offset = payload.offset();
        return rules.engineType(payload.u8("engine_type"), pod, offset);
    }
}

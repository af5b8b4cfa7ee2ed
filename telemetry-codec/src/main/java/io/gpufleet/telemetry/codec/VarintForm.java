package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.OsType;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Integers of variable length, little endian; the 16 bytes of the id and the u8 fields are as in {@link FixedForm}.
 *
 * <pre>{@code
 * 6e1131b4 9c014b7d a25f1077 deadbeef   client_id
 * 2d 3c 1e                              cpu_usage 45, memory_usage 60, disk_usage 30
 * fc 15cd5b07                           network_rx 123456789: 252, then a u32
 * fc 3fb49600                           network_tx 9876543
 * 18 01 52                              device_memtotal_gb 24, device_count 1, total_tflops 82
 * 01                                    n, one pod of at least 16 bytes:
 * 01 00 52 18 00                        num 1, pod_id 0, total_tflops 82, memtotal_gb 24, port 0
 * 00 05 01                              ip 0, os_type NONE, engine_type VLLM
 * 32 28 c8 3c                           usage 50, mem_usage 40, power_usage 200, temp 60
 * fb de10 fb 8426 18 fb d0dd            vendor_id 0x10de: 251, then a u16; device_id, memsize_gb, powerlimit_w
 * }</pre>
 *
 * Immutable.
 */
final class VarintForm implements BincodeForm {
    private static final int SMALLEST_POD = 16;
    private static final int LARGEST_POD = 5 * 3 + 3 * 5 + 4 * 9 + 4 * 17;
    private static final int LARGEST_HEADER = 16 + 3 + 2 * 9 + 3 * 5 + 9;

    private final DecodingRules rules;

    VarintForm(DecodingRules rules) {
        this.rules = rules;
    }

    @Override
    public int size(Heartbeat heartbeat) {
        SystemInfo info = heartbeat.systemInfo();
        List<DevicePod> pods = heartbeat.pods();
        int size = ClientId.BYTES
                + 3
                + Varint.size(info.networkRx())
                + Varint.size(info.networkTx())
                + Varint.size(heartbeat.deviceMemTotalGb())
                + Varint.size(heartbeat.deviceCount())
                + Varint.size(heartbeat.totalTflops())
                + Varint.size(pods.size());
        for (int pod = 0; pod < pods.size(); pod++) {
            size += size(pods.get(pod));
        }
        return size;
    }

    private static int size(DevicePod pod) {
        return Varint.size(pod.num())
                + Varint.size(pod.podId())
                + Varint.size(pod.totalTflops())
                + Varint.size(pod.memTotalGb())
                + Varint.size(pod.port())
                + Varint.size(pod.ip())
                + 2
                + Varint.size(pod.usage().bits())
                + Varint.size(pod.memoryUsage().bits())
                + Varint.size(pod.powerUsage().bits())
                + Varint.size(pod.temperature().bits())
                + Varint.size(pod.vendorId())
                + Varint.size(pod.deviceId())
                + Varint.size(pod.memorySizeGb())
                + Varint.size(pod.powerLimitWatts());
    }

    @Override
    public void write(Heartbeat heartbeat, ByteBuffer target) {
        List<DevicePod> pods = heartbeat.pods();
        writeClientId(heartbeat.clientId(), target);
        writeSystemInfo(heartbeat.systemInfo(), target);
        Varint.put(target, heartbeat.deviceMemTotalGb());
        Varint.put(target, heartbeat.deviceCount());
        Varint.put(target, heartbeat.totalTflops());
        Varint.put(target, pods.size());
        for (int pod = 0; pod < pods.size(); pod++) {
            writePod(pods.get(pod), target);
        }
    }

    private static void writeClientId(ClientId id, ByteBuffer target) {
        int at = target.position();
        LittleEndian.putClientId(target, at, id);
        target.position(at + ClientId.BYTES);
    }

    private static void writeSystemInfo(SystemInfo info, ByteBuffer target) {
        target.put((byte) info.cpuUsage());
        target.put((byte) info.memoryUsage());
        target.put((byte) info.diskUsage());
        Varint.put(target, info.networkRx());
        Varint.put(target, info.networkTx());
    }

    private static void writePod(DevicePod pod, ByteBuffer target) {
        Varint.put(target, pod.num());
        Varint.put(target, pod.podId());
        Varint.put(target, pod.totalTflops());
        Varint.put(target, pod.memTotalGb());
        Varint.put(target, pod.port());
        Varint.put(target, pod.ip());
        Varint.put(target, EnumIndexes.of(pod.osType()));
        Varint.put(target, EnumIndexes.of(pod.engineType()));
        Varint.put(target, pod.usage().bits());
        Varint.put(target, pod.memoryUsage().bits());
        Varint.put(target, pod.powerUsage().bits());
        Varint.put(target, pod.temperature().bits());
        Varint.put(target, pod.vendorId());
        Varint.put(target, pod.deviceId());
        Varint.put(target, pod.memorySizeGb());
        Varint.put(target, pod.powerLimitWatts());
    }

    @Override
    public Heartbeat read(ByteBuffer source) {
        int position = source.position();
        int length = source.remaining();
        VarintReader reader;
        if (source.hasArray()) {
            int start = source.arrayOffset() + position;
            reader = new VarintReader(source.array(), start, start + length);
        } else {
            byte[] copy = new byte[rules.mostBytes(LARGEST_HEADER, LARGEST_POD, length)];
            source.get(position, copy);
            reader = new VarintReader(copy, 0, copy.length);
        }
        Heartbeat heartbeat = read(reader);
        source.position(position + reader.offset());
        rules.checkEnd(reader.offset(), length);
        return heartbeat;
    }

    @Override
    public Heartbeat read(byte[] source) {
        VarintReader reader = new VarintReader(source, 0, source.length);
        Heartbeat heartbeat = read(reader);
        rules.checkEnd(reader.offset(), source.length);
        return heartbeat;
    }

    private Heartbeat read(VarintReader reader) {
        return new Heartbeat(
                reader.clientId("client_id"),
                readSystemInfo(reader),
                reader.u32("device_memtotal_gb"),
                reader.u32("device_count"),
                reader.u32("total_tflops"),
                readPods(reader));
    }

    private static SystemInfo readSystemInfo(VarintReader reader) {
        return new SystemInfo(
                reader.u8("cpu_usage"),
                reader.u8("memory_usage"),
                reader.u8("disk_usage"),
                reader.u64("network_rx"),
                reader.u64("network_tx"));
    }

    /** Reads the pods; the common numbers of one, two, four and eight avoid the copy of List.of(array). */
    private List<DevicePod> readPods(VarintReader reader) {
        int offset = reader.offset();
        int count = rules.checkPods(reader.u64("n"), offset, SMALLEST_POD, reader.left());
        return switch (count) {
            case 1 -> List.of(readPod(reader, 0));
            case 2 -> List.of(readPod(reader, 0), readPod(reader, 1));
            case 4 -> List.of(readPod(reader, 0), readPod(reader, 1), readPod(reader, 2), readPod(reader, 3));
            case 8 ->
                List.of(
                        readPod(reader, 0),
                        readPod(reader, 1),
                        readPod(reader, 2),
                        readPod(reader, 3),
                        readPod(reader, 4),
                        readPod(reader, 5),
                        readPod(reader, 6),
                        readPod(reader, 7));
            default -> readManyPods(reader, count);
        };
    }

    private List<DevicePod> readManyPods(VarintReader reader, int count) {
        DevicePod[] pods = new DevicePod[count];
        for (int pod = 0; pod < count; pod++) {
            pods[pod] = readPod(reader, pod);
        }
        return List.of(pods);
    }

    private DevicePod readPod(VarintReader reader, int pod) {
        reader.enterPod(pod);
        return new DevicePod(
                reader.u16("num"),
                reader.u16("pod_id"),
                reader.u16("total_tflops"),
                reader.u16("memtotal_gb"),
                reader.u16("port"),
                reader.u32("ip"),
                readOsType(reader, pod),
                readEngineType(reader, pod),
                reader.u64AsBytes("usage"),
                reader.u64AsBytes("mem_usage"),
                reader.u64AsBytes("power_usage"),
                reader.u64AsBytes("temp"),
                reader.u128AsShorts("vendor_id"),
                reader.u128AsShorts("device_id"),
                reader.u128AsShorts("memsize_gb"),
                reader.u128AsShorts("powerlimit_w"));
    }

    private OsType readOsType(VarintReader reader, int pod) {
        int offset = reader.offset();
        return rules.osType((int) reader.u32("os_type"), pod, offset);
    }

    private EngineType readEngineType(VarintReader reader, int pod) {
        int offset = reader.offset();
        return rules.engineType((int) reader.u32("engine_type"), pod, offset);
    }
}

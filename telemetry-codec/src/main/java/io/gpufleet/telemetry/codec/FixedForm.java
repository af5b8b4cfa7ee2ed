package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.PackedBytes;
import io.gpufleet.telemetry.heartbeat.PackedShorts;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Integers of fixed width, little endian: a header of 55 bytes, then 118 bytes a pod.
 *
 * <pre>{@code
 *  0                16 17 18 19       27       35      39      43      47       55
 * +------------------+--+--+--+--------+--------+-------+-------+-------+--------+
 * | client_id        |c |m |d |net. rx |net. tx |mem GB |devices|tflops | n      |  pods
 * +------------------+--+--+--+--------+--------+-------+-------+-------+--------+
 *   16 bytes          u8 u8 u8 u64      u64      u32     u32     u32     u64
 *
 * each pod:
 *  0   2   4   6   8   10      14      18      22     30     38     46     54      70      86      102     118
 * +---+---+---+---+---+-------+-------+-------+------+------+------+------+-------+-------+-------+-------+
 * |num|id |tf.|GB |prt| ip    |os_type|engine |usage |memory|power |temp  |vendor |device |mem GB |limit W|
 * +---+---+---+---+---+-------+-------+-------+------+------+------+------+-------+-------+-------+-------+
 *  u16 u16 u16 u16 u16 u32     u32     u32     u64    u64    u64    u64    u128    u128    u128    u128
 * }</pre>
 *
 * Immutable.
 */
final class FixedForm implements BincodeForm {
    private static final int HEADER_BYTES = 55;
    private static final int POD_BYTES = 118;
    private static final int COUNT_OFFSET = 47;
    private static final int[] HEADER_OFFSETS = {0, 16, 17, 18, 19, 27, 35, 39, 43, COUNT_OFFSET, HEADER_BYTES};
    private static final String[] HEADER_FIELDS = {
        "client_id",
        "cpu_usage",
        "memory_usage",
        "disk_usage",
        "network_rx",
        "network_tx",
        "device_memtotal_gb",
        "device_count",
        "total_tflops",
        "n"
    };

    private final DecodingRules rules;

    FixedForm(DecodingRules rules) {
        this.rules = rules;
    }

    @Override
    public int size(Heartbeat heartbeat) {
        return HEADER_BYTES + POD_BYTES * heartbeat.pods().size();
    }

    @Override
    public void write(Heartbeat heartbeat, ByteBuffer target) {
        int at = target.position();
        List<DevicePod> pods = heartbeat.pods();
        writeHeader(heartbeat, pods.size(), target, at);
        at += HEADER_BYTES;
        for (int pod = 0; pod < pods.size(); pod++, at += POD_BYTES) {
            writePod(pods.get(pod), target, at);
        }
        target.position(at);
    }

    private static void writeHeader(Heartbeat heartbeat, int pods, ByteBuffer target, int at) {
        SystemInfo info = heartbeat.systemInfo();
        LittleEndian.putClientId(target, at, heartbeat.clientId());
        LittleEndian.putByte(target, at + 16, info.cpuUsage());
        LittleEndian.putByte(target, at + 17, info.memoryUsage());
        LittleEndian.putByte(target, at + 18, info.diskUsage());
        LittleEndian.putLong(target, at + 19, info.networkRx());
        LittleEndian.putLong(target, at + 27, info.networkTx());
        LittleEndian.putInt(target, at + 35, heartbeat.deviceMemTotalGb());
        LittleEndian.putInt(target, at + 39, heartbeat.deviceCount());
        LittleEndian.putInt(target, at + 43, heartbeat.totalTflops());
        LittleEndian.putLong(target, at + COUNT_OFFSET, pods);
    }

    private static void writePod(DevicePod pod, ByteBuffer target, int at) {
        LittleEndian.putShort(target, at, pod.num());
        LittleEndian.putShort(target, at + 2, pod.podId());
        LittleEndian.putShort(target, at + 4, pod.totalTflops());
        LittleEndian.putShort(target, at + 6, pod.memTotalGb());
        LittleEndian.putShort(target, at + 8, pod.port());
        LittleEndian.putInt(target, at + 10, pod.ip());
        LittleEndian.putInt(target, at + 14, EnumIndexes.of(pod.osType()));
        LittleEndian.putInt(target, at + 18, EnumIndexes.of(pod.engineType()));
        LittleEndian.putLong(target, at + 22, pod.usage().bits());
        LittleEndian.putLong(target, at + 30, pod.memoryUsage().bits());
        LittleEndian.putLong(target, at + 38, pod.powerUsage().bits());
        LittleEndian.putLong(target, at + 46, pod.temperature().bits());
        writeShorts(pod.vendorId(), target, at + 54);
        writeShorts(pod.deviceId(), target, at + 70);
        writeShorts(pod.memorySizeGb(), target, at + 86);
        writeShorts(pod.powerLimitWatts(), target, at + 102);
    }

    private static void writeShorts(PackedShorts shorts, ByteBuffer target, int at) {
        LittleEndian.putLong(target, at, shorts.low());
        LittleEndian.putLong(target, at + 8, shorts.high());
    }

    @Override
    public Heartbeat read(ByteBuffer source) {
        int start = source.position();
        int length = source.remaining();
        checkHeader(length);
        int pods = checkPods(LittleEndian.getLong(source, start + COUNT_OFFSET), length);
        int size = HEADER_BYTES + pods * POD_BYTES;
        Heartbeat heartbeat = source.hasArray()
                ? read(source.array(), source.arrayOffset() + start, pods)
                : read(copy(source, size), 0, pods);
        source.position(start + size);
        rules.checkEnd(size, length);
        return heartbeat;
    }

    @Override
    public Heartbeat read(byte[] source) {
        checkHeader(source.length);
        int pods = checkPods(LittleEndian.getLong(source, COUNT_OFFSET), source.length);
        Heartbeat heartbeat = read(source, 0, pods);
        rules.checkEnd(HEADER_BYTES + pods * POD_BYTES, source.length);
        return heartbeat;
    }

    private Heartbeat read(byte[] source, int start, int pods) {
        return readHeader(source, start, readPods(source, start, pods));
    }

    private static byte[] copy(ByteBuffer source, int size) {
        byte[] bytes = new byte[size];
        source.get(source.position(), bytes);
        return bytes;
    }

    private int checkPods(long count, int length) {
        return rules.checkPods(count, COUNT_OFFSET, POD_BYTES, length - HEADER_BYTES);
    }

    private static void checkHeader(int length) {
        if (length >= HEADER_BYTES) {
            return;
        }
        int field = 0;
        while (HEADER_OFFSETS[field + 1] <= length) {
            field++;
        }
        int offset = HEADER_OFFSETS[field];
        throw new CodecException(
                HEADER_FIELDS[field] + ": needs " + (HEADER_OFFSETS[field + 1] - offset) + " bytes, "
                        + (length - offset) + " left",
                offset);
    }

    private static Heartbeat readHeader(byte[] source, int at, List<DevicePod> pods) {
        return new Heartbeat(
                LittleEndian.clientId(source, at),
                new SystemInfo(
                        LittleEndian.unsignedByte(source, at + 16),
                        LittleEndian.unsignedByte(source, at + 17),
                        LittleEndian.unsignedByte(source, at + 18),
                        LittleEndian.getLong(source, at + 19),
                        LittleEndian.getLong(source, at + 27)),
                LittleEndian.unsignedInt(source, at + 35),
                LittleEndian.unsignedInt(source, at + 39),
                LittleEndian.unsignedInt(source, at + 43),
                pods);
    }

    /** Reads the pods; the common numbers of one, two, four and eight avoid the copy of List.of(array). */
    private List<DevicePod> readPods(byte[] source, int start, int count) {
        return switch (count) {
            case 1 -> List.of(readPod(source, start, 0));
            case 2 -> List.of(readPod(source, start, 0), readPod(source, start, 1));
            case 4 ->
                List.of(
                        readPod(source, start, 0),
                        readPod(source, start, 1),
                        readPod(source, start, 2),
                        readPod(source, start, 3));
            case 8 ->
                List.of(
                        readPod(source, start, 0),
                        readPod(source, start, 1),
                        readPod(source, start, 2),
                        readPod(source, start, 3),
                        readPod(source, start, 4),
                        readPod(source, start, 5),
                        readPod(source, start, 6),
                        readPod(source, start, 7));
            default -> readManyPods(source, start, count);
        };
    }

    private List<DevicePod> readManyPods(byte[] source, int start, int count) {
        DevicePod[] pods = new DevicePod[count];
        for (int pod = 0; pod < count; pod++) {
            pods[pod] = readPod(source, start, pod);
        }
        return List.of(pods);
    }

    private DevicePod readPod(byte[] source, int start, int pod) {
        int offset = HEADER_BYTES + pod * POD_BYTES;
        int at = start + offset;
        return new DevicePod(
                LittleEndian.unsignedShort(source, at),
                LittleEndian.unsignedShort(source, at + 2),
                LittleEndian.unsignedShort(source, at + 4),
                LittleEndian.unsignedShort(source, at + 6),
                LittleEndian.unsignedShort(source, at + 8),
                LittleEndian.unsignedInt(source, at + 10),
                rules.osType(LittleEndian.getInt(source, at + 14), pod, offset + 14),
                rules.engineType(LittleEndian.getInt(source, at + 18), pod, offset + 18),
                new PackedBytes(LittleEndian.getLong(source, at + 22)),
                new PackedBytes(LittleEndian.getLong(source, at + 30)),
                new PackedBytes(LittleEndian.getLong(source, at + 38)),
                new PackedBytes(LittleEndian.getLong(source, at + 46)),
                readShorts(source, at + 54),
                readShorts(source, at + 70),
                readShorts(source, at + 86),
                readShorts(source, at + 102));
    }

    private static PackedShorts readShorts(byte[] source, int at) {
        return new PackedShorts(LittleEndian.getLong(source, at + 8), LittleEndian.getLong(source, at));
    }
}

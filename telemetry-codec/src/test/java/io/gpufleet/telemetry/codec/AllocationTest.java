package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.PackedBytes;
import io.gpufleet.telemetry.heartbeat.PackedShorts;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The allocations of a codec: for a bad payload at most a multiple of its length, for a good one only the heartbeat.
 */
class AllocationTest {
    private static final int WARM_UP = 20_000;
    /** A refusal: the exception and its text. */
    private static final long CONSTANT = 2048;
    /** The smallest pod on the wire has 16 bytes; its objects have about 300. */
    private static final long MULTIPLE = 32;

    private static final long READER = 32;

    private static final int FIXED_COUNT = 47;
    private static final int FIXED_HEADER = 55;

    private final Heartbeat heartbeat = new RandomHeartbeats(7).next(3);

    static Stream<Codec<Heartbeat>> codecs() {
        return Stream.of(BincodeHeartbeatCodec.fixed(), BincodeHeartbeatCodec.varint(), KryoHeartbeatCodec.create());
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_ofATruncationIsBoundedByItsLength(Codec<Heartbeat> codec) {
        byte[] bytes = codec.encode(heartbeat);
        for (int length = 0; length < bytes.length; length++) {
            assertBounded(codec, Arrays.copyOf(bytes, length));
        }
    }

    @Test
    void decode_ofAHostileCountIsBoundedByTheLength() {
        long[] counts = {1, 8, 1023, 1024, 1025, 1L << 20, 1L << 31, 1L << 32, 1L << 40, 1L << 60, 1L << 63, -1};
        for (long count : counts) {
            for (int behind : new int[] {0, 15, 117, 500, 10_000}) {
                assertBounded(BincodeHeartbeatCodec.fixed(), fixed(count, behind));
                assertBounded(BincodeHeartbeatCodec.varint(), varint(count, behind));
                assertBounded(KryoHeartbeatCodec.create(), kryo(count, behind));
            }
        }
    }

    /** Every pod but the last one is good, in its shortest form. */
    @Test
    void decode_isBoundedByTheLengthWhenTheLastPodIsBad() {
        byte[] fixed = fixed(1024, 118 * 1024);
        fixed[fixed.length - 118 + 14] = 9;
        byte[] varint = varint(1024, 16 * 1024);
        varint[varint.length - 16 + 6] = 9;
        byte[] kryo = kryo(1024, 20 * 1024);
        kryo[kryo.length - 20 + 6] = 9;

        assertBounded(BincodeHeartbeatCodec.fixed(), fixed);
        assertBounded(BincodeHeartbeatCodec.varint(), varint);
        assertBounded(KryoHeartbeatCodec.create(), kryo);
    }

    private static byte[] fixed(long count, int zeroesBehind) {
        byte[] bytes = new byte[FIXED_HEADER + zeroesBehind];
        LittleEndian.putLong(ByteBuffer.wrap(bytes), FIXED_COUNT, count);
        return bytes;
    }

    private static byte[] varint(long count, int zeroesBehind) {
        ByteBuffer header = ByteBuffer.allocate(16 + 3 + 5 + 9);
        header.position(16 + 3 + 5);
        Varint.put(header, count);
        return Arrays.copyOf(header.array(), header.position() + zeroesBehind);
    }

    private static byte[] kryo(long count, int zeroesBehind) {
        ByteBuffer header = ByteBuffer.allocate(2 + 16 + 3 + 5 + 5);
        header.put((byte) 0x6b).put((byte) 1).position(2 + 16 + 3 + 5);
        int left = (int) count;
        for (; left >>> 7 != 0; left >>>= 7) {
            header.put((byte) (left | 0x80));
        }
        return Arrays.copyOf(header.put((byte) left).array(), header.position() + zeroesBehind);
    }

    private static void assertBounded(Codec<Heartbeat> codec, byte[] bytes) {
        Runnable decode = () -> decodeIfPossible(codec, bytes);
        decode.run();

        assertThat(Allocation.of(decode)).isLessThanOrEqualTo(MULTIPLE * bytes.length + CONSTANT);
    }

    private static void decodeIfPossible(Codec<Heartbeat> codec, byte[] bytes) {
        try {
            codec.decode(ByteBuffer.wrap(bytes));
        } catch (CodecException expected) {
            assertThat(expected.offset()).isBetween(0, bytes.length);
        }
    }

    @Test
    void encode_intoABufferAllocatesNothing() {
        for (Codec<Heartbeat> codec : List.of(BincodeHeartbeatCodec.fixed(), BincodeHeartbeatCodec.varint())) {
            ByteBuffer target = ByteBuffer.allocate(codec.encodedSize(heartbeat));

            assertThat(warm(() -> codec.encode(heartbeat, target.clear()))).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 8})
    void decode_ofTheFixedFormAllocatesOnlyTheHeartbeat(int pods) {
        assertAllocatesTheHeartbeatAnd(0, BincodeHeartbeatCodec.fixed(), pods);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 8})
    void decode_ofTheVariableFormAllocatesTheHeartbeatAndItsReader(int pods) {
        assertAllocatesTheHeartbeatAnd(READER, BincodeHeartbeatCodec.varint(), pods);
    }

    private static void assertAllocatesTheHeartbeatAnd(long more, Codec<Heartbeat> codec, int pods) {
        Heartbeat sent = new RandomHeartbeats(pods).next(pods);
        byte[] bytes = codec.encode(sent);
        ByteBuffer source = ByteBuffer.wrap(bytes);
        long alone = warm(() -> copy(sent)) - arraySpared(pods);

        assertThat(warm(() -> codec.decode(source.rewind()))).isLessThanOrEqualTo(alone + more);
        assertThat(warm(() -> codec.decode(bytes))).isLessThanOrEqualTo(alone + more);
    }

    /** Returns the bytes of the array spared for four or eight pods: references of 4 bytes behind a header of 16. */
    private static long arraySpared(int pods) {
        return pods == 4 || pods == 8 ? 16 + 4 * pods : 0;
    }

    @Test
    void decode_ofManyInADirectBufferCopiesNoMoreThanOne() {
        Codec<Heartbeat> codec =
                BincodeHeartbeatCodec.builder().acceptTrailingBytes().build();
        byte[] bytes = codec.encode(heartbeat);
        ByteBuffer many = ByteBuffer.allocateDirect(1 << 20).put(bytes);

        long decoded = warm(() -> codec.decode(many.rewind()));

        assertThat(decoded).isLessThanOrEqualTo(MULTIPLE * bytes.length + CONSTANT);
    }

    private static long warm(Runnable call) {
        for (int i = 0; i < WARM_UP; i++) {
            call.run();
        }
        return Allocation.of(call);
    }

    private static Heartbeat copy(Heartbeat heartbeat) {
        ClientId id = heartbeat.clientId();
        SystemInfo info = heartbeat.systemInfo();
        DevicePod[] pods = new DevicePod[heartbeat.pods().size()];
        for (int i = 0; i < pods.length; i++) {
            pods[i] = copy(heartbeat.pods().get(i));
        }
        return new Heartbeat(
                new ClientId(id.high(), id.low()),
                new SystemInfo(
                        info.cpuUsage(), info.memoryUsage(), info.diskUsage(), info.networkRx(), info.networkTx()),
                heartbeat.deviceMemTotalGb(),
                heartbeat.deviceCount(),
                heartbeat.totalTflops(),
                List.of(pods));
    }

    private static DevicePod copy(DevicePod pod) {
        return new DevicePod(
                pod.num(),
                pod.podId(),
                pod.totalTflops(),
                pod.memTotalGb(),
                pod.port(),
                pod.ip(),
                pod.osType(),
                pod.engineType(),
                new PackedBytes(pod.usage().bits()),
                new PackedBytes(pod.memoryUsage().bits()),
                new PackedBytes(pod.powerUsage().bits()),
                new PackedBytes(pod.temperature().bits()),
                copy(pod.vendorId()),
                copy(pod.deviceId()),
                copy(pod.memorySizeGb()),
                copy(pod.powerLimitWatts()));
    }

    private static PackedShorts copy(PackedShorts shorts) {
        return new PackedShorts(shorts.high(), shorts.low());
    }
}

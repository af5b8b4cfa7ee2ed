package io.gpufleet.telemetry.codec;

import static io.gpufleet.telemetry.codec.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.OsType;
import io.gpufleet.telemetry.heartbeat.PackedBytes;
import io.gpufleet.telemetry.heartbeat.PackedShorts;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class KryoHeartbeatCodecTest {
    private static final Codec<Heartbeat> CODEC = KryoHeartbeatCodec.create();

    /** Version 1 of the form: these bytes never change, whatever later versions write. */
    private static final String TYPICAL_V1 = "6b01"
            + "6e1131b49c014b7da25f1077deadbeef"
            + "2d3c1e"
            + "959aef3a"
            + "bfe8da04"
            + "180152"
            + "01"
            + "0100521800"
            + "00"
            + "0501"
            + "3228c8013c"
            + "de2100"
            + "844d00"
            + "1800"
            + "d0bb0300";

    private static final String LARGEST_V1 = "6b01"
            + "ff".repeat(16 + 3 + 2 * 9)
            + "ffffffff0f".repeat(3)
            + "01"
            + "ffff03".repeat(5)
            + "ffffffff0f"
            + "0505"
            + "ff".repeat(4 * 9 + 4 * 18);
    private static final String EMPTY_V1 = "6b01" + "00".repeat(25);

    private static final Heartbeat TYPICAL = new Heartbeat(
            ClientId.parse("6e1131b49c014b7da25f1077deadbeef"),
            new SystemInfo(45, 60, 30, 123456789, 9876543),
            24,
            1,
            82,
            List.of(new DevicePod(
                    1,
                    0,
                    82,
                    24,
                    0,
                    0,
                    OsType.NONE,
                    EngineType.VLLM,
                    PackedBytes.of(50),
                    PackedBytes.of(40),
                    PackedBytes.of(200),
                    PackedBytes.of(60),
                    PackedShorts.of(0x10de),
                    PackedShorts.of(0x2684),
                    PackedShorts.of(24),
                    PackedShorts.of(56784))));

    private static final Heartbeat LARGEST = GoldenVector.all("fixint_le.jsonl").stream()
            .filter(vector -> vector.toString().equals("max_one_device"))
            .findFirst()
            .orElseThrow()
            .heartbeat();

    private static final Heartbeat EMPTY =
            new Heartbeat(new ClientId(0, 0), new SystemInfo(0, 0, 0, 0, 0), 0, 0, 0, List.of());

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    @Test
    void encode_givesTheGoldenBytesOfVersionOne() {
        assertThat(HexFormat.of().formatHex(CODEC.encode(TYPICAL))).isEqualTo(TYPICAL_V1);
        assertThat(HexFormat.of().formatHex(CODEC.encode(LARGEST))).isEqualTo(LARGEST_V1);
        assertThat(HexFormat.of().formatHex(CODEC.encode(EMPTY))).isEqualTo(EMPTY_V1);
    }

    @Test
    void decode_readsTheGoldenBytesOfVersionOne() {
        assertThat(CODEC.decode(ByteBuffer.wrap(hex(TYPICAL_V1)))).isEqualTo(TYPICAL);
        assertThat(CODEC.decode(ByteBuffer.wrap(hex(LARGEST_V1)))).isEqualTo(LARGEST);
        assertThat(CODEC.decode(ByteBuffer.wrap(hex(EMPTY_V1)))).isEqualTo(EMPTY);
    }

    @Test
    void decode_refusesEveryTruncation() {
        RandomHeartbeats heartbeats = new RandomHeartbeats(3);
        for (int i = 0; i < 50; i++) {
            byte[] bytes = CODEC.encode(heartbeats.next());
            for (int length = 0; length < bytes.length; length++) {
                assertRefused(CODEC, bytes, length);
            }
        }
    }

    @Test
    void decode_refusesAnotherFormatOrVersion() {
        byte[] bytes = hex(EMPTY_V1);
        bytes[0] = 0x6c;
        assertThat(assertRefused(CODEC, bytes)).hasMessage("format: 108 is not 107 at byte 0");
        bytes[0] = 0x6b;
        bytes[1] = 2;
        assertThat(assertRefused(CODEC, bytes)).hasMessage("version: 2 is not 1 at byte 1");
    }

    @Test
    void decode_refusesTrailingBytes() {
        byte[] bytes = hex(TYPICAL_V1);

        assertThat(assertRefused(CODEC, Arrays.copyOf(bytes, bytes.length + 1)))
                .hasMessage("end: 1 bytes left over at byte " + bytes.length);
    }

    @Test
    void decode_namesTheFieldAndTheByte() {
        byte[] bytes = hex(TYPICAL_V1);

        assertThat(assertRefused(CODEC, bytes, 23)).hasMessage("network_rx: needs 3 bytes or more, 2 left at byte 21");
        bytes[39] = 6;
        assertThat(assertRefused(CODEC, bytes))
                .hasMessage("pod 0 os_type: 6 is not an index, allowed are 0 to 5 at byte 39");
    }

    @Test
    void decode_namesTheClientId() {
        assertThat(assertRefused(CODEC, hex(EMPTY_V1), 17))
                .hasMessage("client_id: needs 16 bytes or more, 15 left at byte 2");
    }

    @Test
    void decode_countsTheByteFromTheFirstOneOfThePayload() {
        byte[] bytes = hex(TYPICAL_V1);
        ByteBuffer source = ByteBuffer.allocate(100).position(17).put(bytes).limit(17 + 23);

        assertThatThrownBy(() -> CODEC.decode(source.position(17)))
                .hasMessage("network_rx: needs 3 bytes or more, 2 left at byte 21");
    }

    @Test
    void decode_refusesAValueThatIsTooLargeForItsField() {
        String header = EMPTY_V1.substring(0, EMPTY_V1.length() - 2) + "01";

        assertThat(assertRefused(CODEC, hex(header + "808004" + "00".repeat(19))))
                .hasMessage("pod 0 num: 65536 is more than 65535 at byte 27");
    }

    @Test
    void decode_refusesCountsThatCannotBe() {
        String header = EMPTY_V1.substring(0, EMPTY_V1.length() - 2);
        for (String count : List.of("01", "8008", "8108", "ffffffff07", "8080808008", "ffffffff0f", "ffffffffffff")) {
            assertRefused(CODEC, hex(header + count));
            assertRefused(CODEC, hex(header + count + "00".repeat(19)));
        }
    }

    @Test
    void encode_refusesWhatItWouldNotDecode() {
        Heartbeat wide = new Heartbeat(
                TYPICAL.clientId(),
                TYPICAL.systemInfo(),
                0,
                0,
                0,
                Collections.nCopies(1025, TYPICAL.pods().get(0)));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.encode(wide))
                .withMessage("pods: 1025 are more than the limit of 1024");
    }

    @Test
    void encode_writesNothingIfThereIsNoRoom() {
        ByteBuffer target = ByteBuffer.allocate(CODEC.encodedSize(TYPICAL) - 1);

        assertThatThrownBy(() -> CODEC.encode(TYPICAL, target)).isInstanceOf(BufferOverflowException.class);

        assertThat(target.position()).isZero();
        assertThat(target.array()).containsOnly(0);
    }

    @Test
    void resolver_knowsOneClass() {
        OneClassResolver resolver = new OneClassResolver(Heartbeat.class);
        Kryo kryo = new Kryo(resolver, null);
        kryo.register(Heartbeat.class, new FailingSerializer(new KryoException("not used")));

        assertThat(kryo.isRegistrationRequired()).isTrue();
        for (Class<?> type :
                List.of(String.class, int.class, Long.class, byte[].class, ArrayList.class, Object.class)) {
            assertThat(resolver.getRegistration(type)).isNull();
        }
        for (int id = -1; id < 1000; id++) {
            if (resolver.getRegistration(id) != null) {
                assertThat(resolver.getRegistration(id).getType()).isEqualTo(Heartbeat.class);
            }
        }
    }

    @Test
    void decode_turnsWhatKryoThrowsIntoARefusal() {
        for (RuntimeException failure : List.of(
                new KryoException("unknown class"),
                new IndexOutOfBoundsException(99),
                new BufferUnderflowException())) {
            KryoSession session = new KryoSession(new FailingSerializer(failure));

            assertThatThrownBy(() -> session.read(ByteBuffer.wrap(hex(EMPTY_V1))))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining(failure.toString());
        }
    }

    @Test
    void codec_isSharedByThreads() throws Exception {
        int threads = 8;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int seed = thread;
                tasks.add(() -> roundTrips(seed));
            }
            for (Future<Boolean> result : executor.invokeAll(tasks)) {
                assertThat(result.get()).isTrue();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /** Decodes good and bad payloads in turn: a refusal must leave nothing behind for the next call. */
    private static boolean roundTrips(int seed) {
        RandomHeartbeats heartbeats = new RandomHeartbeats(seed);
        for (int i = 0; i < 2_000; i++) {
            Heartbeat heartbeat = heartbeats.next();
            byte[] bytes = CODEC.encode(heartbeat);
            assertRefused(CODEC, bytes, bytes.length - 1);
            assertThat(CODEC.decode(ByteBuffer.wrap(bytes))).isEqualTo(heartbeat);
        }
        return true;
    }

    private static final class FailingSerializer extends Serializer<Heartbeat> {
        private final RuntimeException failure;

        private FailingSerializer(RuntimeException failure) {
            this.failure = failure;
        }

        @Override
        public void write(Kryo kryo, Output output, Heartbeat heartbeat) {
            throw failure;
        }

        @Override
        public Heartbeat read(Kryo kryo, Input input, Class<? extends Heartbeat> type) {
            throw failure;
        }
    }
}

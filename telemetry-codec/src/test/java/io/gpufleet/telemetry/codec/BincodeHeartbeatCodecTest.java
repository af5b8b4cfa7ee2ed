package io.gpufleet.telemetry.codec;

import static io.gpufleet.telemetry.codec.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.OsType;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class BincodeHeartbeatCodecTest {
    private static final int ENGINE_TYPE_OFFSET = 73;
    private static final int COUNT_OFFSET = 47;

    private static final DevicePod POD = DevicePod.of(List.of(new Device(0, 50, 40, 200, 60, 0x10de, 0x2684, 24, 450)));

    private static Heartbeat heartbeat(int pods) {
        return new Heartbeat(
                ClientId.parse("6e1131b49c014b7da25f1077deadbeef"),
                new SystemInfo(45, 60, 30, 123456789, 9876543),
                24,
                1,
                82,
                Collections.nCopies(pods, POD));
    }

    private static byte[] bytesWithEngine(Codec<Heartbeat> codec, int index) {
        byte[] bytes = codec.encode(heartbeat(1));
        bytes[ENGINE_TYPE_OFFSET] = (byte) index;
        return bytes;
    }

    @Test
    void fixed_hasFiftyFiveBytesAndOneHundredAndEighteenAPod() {
        Codec<Heartbeat> codec = BincodeHeartbeatCodec.fixed();

        for (int pods = 0; pods < 5; pods++) {
            assertThat(codec.encodedSize(heartbeat(pods))).isEqualTo(55 + 118 * pods);
        }
    }

    @Test
    void decode_namesTheFieldAndTheByte() {
        byte[] bytes = BincodeHeartbeatCodec.fixed().encode(heartbeat(2));
        Codec<Heartbeat> codec = BincodeHeartbeatCodec.fixed();

        assertThat(assertRefused(codec, bytes, 30)).hasMessage("network_tx: needs 8 bytes, 3 left at byte 27");
        assertThat(assertRefused(codec, bytes, 290))
                .hasMessage("n: 2 pods need 236 bytes or more, 235 left at byte 47");
        bytes[55 + 118 + 14] = 6;
        assertThat(assertRefused(codec, bytes))
                .hasMessage("pod 1 os_type: 6 is not an index, allowed are 0 to 5 at byte 187");
        bytes[55 + 118 + 14] = 0;
        bytes[55 + 118 + 18] = 7;
        assertThat(assertRefused(codec, bytes))
                .hasMessage("pod 1 engine_type: 7 is not an index, allowed are 0 to 5 at byte 191");
    }

    @Test
    void decode_namesEachFieldOfAHeader() {
        byte[] bytes = BincodeHeartbeatCodec.fixed().encode(heartbeat(0));
        Codec<Heartbeat> codec = BincodeHeartbeatCodec.fixed();

        assertThat(assertRefused(codec, bytes, 15)).hasMessage("client_id: needs 16 bytes, 15 left at byte 0");
        assertThat(assertRefused(codec, bytes, 16)).hasMessage("cpu_usage: needs 1 bytes, 0 left at byte 16");
        assertThat(assertRefused(codec, bytes, 54)).hasMessage("n: needs 8 bytes, 7 left at byte 47");
    }

    @Test
    void decode_namesThePodAndTheFieldOfVarintsToo() {
        byte[] bytes = BincodeHeartbeatCodec.varint().encode(heartbeat(2));
        int pod = (bytes.length - 33) / 2;
        bytes[33 + pod] = (byte) Varint.U32;

        assertThat(assertRefused(BincodeHeartbeatCodec.varint(), bytes))
                .hasMessage("pod 1 num: a u32 is more than the u16 of the field at byte " + (33 + pod));
    }

    @Test
    void decode_countsTheByteFromTheFirstOneOfThePayload() {
        byte[] bytes = BincodeHeartbeatCodec.varint().encode(heartbeat(1));
        ByteBuffer source = ByteBuffer.allocate(100).position(17).put(bytes).limit(17 + 20);

        assertThatThrownBy(() -> BincodeHeartbeatCodec.varint().decode(source.position(17)))
                .hasMessage("network_rx: needs 5 bytes, 1 left at byte 19");
    }

    @Test
    void decode_refusesTrailingBytes() {
        for (Codec<Heartbeat> codec : List.of(BincodeHeartbeatCodec.fixed(), BincodeHeartbeatCodec.varint())) {
            byte[] bytes = codec.encode(heartbeat(1));

            byte[] longer = Arrays.copyOf(bytes, bytes.length + 2);

            assertThat(assertRefused(codec, longer)).hasMessage("end: 2 bytes left over at byte " + bytes.length);
        }
    }

    @Test
    void decode_leavesTrailingBytesUnreadWhenTheyAreAccepted() {
        for (Codec<Heartbeat> codec : List.of(
                BincodeHeartbeatCodec.builder().acceptTrailingBytes().build(),
                BincodeHeartbeatCodec.builder().varint().acceptTrailingBytes().build())) {
            byte[] bytes = codec.encode(heartbeat(1));
            ByteBuffer two =
                    ByteBuffer.allocate(2 * bytes.length).put(bytes).put(bytes).flip();

            assertThat(codec.decode(two)).isEqualTo(heartbeat(1));
            assertThat(two.position()).isEqualTo(bytes.length);
            assertThat(codec.decode(two)).isEqualTo(heartbeat(1));
            assertThat(two.hasRemaining()).isFalse();
        }
    }

    @Test
    void decode_readsEngineFourAsLlama() {
        Codec<Heartbeat> codec = BincodeHeartbeatCodec.fixed();

        Heartbeat heartbeat = codec.decode(ByteBuffer.wrap(bytesWithEngine(codec, 4)));

        assertThat(heartbeat.pods().get(0).engineType()).isEqualTo(EngineType.LLAMA);
    }

    @Test
    void decode_readsEngineFourAndFiveAsNoneFromOldProducers() {
        Codec<Heartbeat> codec =
                BincodeHeartbeatCodec.builder().producersBefore20251120().build();

        for (int index = 4; index <= 5; index++) {
            Heartbeat heartbeat = codec.decode(ByteBuffer.wrap(bytesWithEngine(codec, index)));

            assertThat(heartbeat.pods().get(0).engineType()).isEqualTo(EngineType.NONE);
        }
        assertRefused(codec, bytesWithEngine(codec, 6));
    }

    @Test
    void encode_writesTodaysIndexesWhateverTheProducersWere() {
        Codec<Heartbeat> codec =
                BincodeHeartbeatCodec.builder().producersBefore20251120().build();

        assertThat(codec.encode(heartbeat(1))[ENGINE_TYPE_OFFSET]).isEqualTo((byte) 5);
    }

    @Test
    void indexes_areThoseOfTheLists() {
        assertThat(EnumIndexes.OS_TYPES).containsExactly(OsType.values());
        assertThat(EnumIndexes.ENGINE_TYPES).containsExactly(EngineType.values());
        assertThat(OsType.values()).allMatch(type -> EnumIndexes.OS_TYPES.get(EnumIndexes.of(type)) == type);
        assertThat(EngineType.values()).allMatch(type -> EnumIndexes.ENGINE_TYPES.get(EnumIndexes.of(type)) == type);
    }

    @Test
    void decode_limitsThePods() {
        for (BincodeHeartbeatCodec.Builder builder : List.of(
                BincodeHeartbeatCodec.builder(), BincodeHeartbeatCodec.builder().varint())) {
            Codec<Heartbeat> wide = builder.maxPods(2000).build();
            Codec<Heartbeat> narrow = builder.maxPods(1024).build();

            assertThat(narrow.decode(ByteBuffer.wrap(narrow.encode(heartbeat(1024)))))
                    .isEqualTo(heartbeat(1024));
            assertThat(assertRefused(narrow, wide.encode(heartbeat(1025))).reason())
                    .isEqualTo("n: 1025 pods are more than the limit of 1024");
        }
    }

    @Test
    void encode_refusesWhatItWouldNotDecode() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BincodeHeartbeatCodec.fixed().encode(heartbeat(1025)))
                .withMessage("pods: 1025 are more than the limit of 1024");
    }

    @Test
    void decode_comparesTheCountAsUnsigned() {
        byte[] bytes = BincodeHeartbeatCodec.fixed().encode(heartbeat(0));
        for (long count : new long[] {Long.MIN_VALUE, -1, 1L << 32, 1L << 62, Long.MAX_VALUE}) {
            LittleEndian.putLong(ByteBuffer.wrap(bytes), COUNT_OFFSET, count);

            assertThat(assertRefused(BincodeHeartbeatCodec.fixed(), bytes))
                    .hasMessage(
                            "n: " + Long.toUnsignedString(count) + " pods are more than the limit of 1024 at byte 47");
        }
    }

    @Test
    void encode_writesNothingIfThereIsNoRoom() {
        for (Codec<Heartbeat> codec : List.of(BincodeHeartbeatCodec.fixed(), BincodeHeartbeatCodec.varint())) {
            ByteBuffer target =
                    ByteBuffer.allocate(codec.encodedSize(heartbeat(1)) + 2).position(3);

            assertThatThrownBy(() -> codec.encode(heartbeat(1), target)).isInstanceOf(BufferOverflowException.class);

            assertThat(target.position()).isEqualTo(3);
            assertThat(target.array()).containsOnly(0);
        }
    }

    @Test
    void codec_refusesNull() {
        for (Codec<Heartbeat> codec : List.of(BincodeHeartbeatCodec.fixed(), KryoHeartbeatCodec.create())) {
            assertThatNullPointerException()
                    .isThrownBy(() -> codec.decode((ByteBuffer) null))
                    .withMessage("source");
            assertThatNullPointerException().isThrownBy(() -> codec.decode((byte[]) null));
            assertThatNullPointerException()
                    .isThrownBy(() -> codec.encode(null))
                    .withMessage("heartbeat");
            assertThatNullPointerException()
                    .isThrownBy(() -> codec.encode(heartbeat(0), null))
                    .withMessage("target");
        }
    }

    @Test
    void builder_takesItsLimits() {
        Codec<Heartbeat> least = BincodeHeartbeatCodec.builder().maxPods(1).build();
        Codec<Heartbeat> most = BincodeHeartbeatCodec.builder().maxPods(4096).build();

        assertThat(least.decode(least.encode(heartbeat(1)))).isEqualTo(heartbeat(1));
        assertThat(most.decode(most.encode(heartbeat(4096)))).isEqualTo(heartbeat(4096));
    }

    @Test
    void builder_checksItsArguments() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BincodeHeartbeatCodec.builder().maxPods(0))
                .withMessage("maxPods: 0 is not between 1 and 4096");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BincodeHeartbeatCodec.builder().maxPods(4097))
                .withMessage("maxPods: 4097 is not between 1 and 4096");
    }
}

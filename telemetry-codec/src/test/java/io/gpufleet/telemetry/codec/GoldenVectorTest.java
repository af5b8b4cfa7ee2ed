package io.gpufleet.telemetry.codec;

import static io.gpufleet.telemetry.codec.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GoldenVectorTest {
    private static final Codec<Heartbeat> FIXED = BincodeHeartbeatCodec.fixed();
    private static final Codec<Heartbeat> VARINT = BincodeHeartbeatCodec.varint();
    private static final Codec<Heartbeat> LENIENT_FIXED =
            BincodeHeartbeatCodec.builder().acceptTrailingBytes().build();
    private static final Codec<Heartbeat> LENIENT_VARINT =
            BincodeHeartbeatCodec.builder().varint().acceptTrailingBytes().build();

    static Stream<Arguments> good() {
        return Stream.concat(
                GoldenVector.all("fixint_le.jsonl").stream().map(vector -> Arguments.of("fixed", vector, FIXED)),
                GoldenVector.all("varint_standard.jsonl").stream()
                        .map(vector -> Arguments.of("varint", vector, VARINT)));
    }

    static Stream<Arguments> malformed() {
        return Stream.concat(
                GoldenVector.all("malformed_fixint_bincode2.jsonl").stream()
                        .map(vector -> Arguments.of("fixed", vector, FIXED, LENIENT_FIXED)),
                GoldenVector.all("malformed_varint_bincode2.jsonl").stream()
                        .map(vector -> Arguments.of("varint", vector, VARINT, LENIENT_VARINT)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("good")
    void decode_givesTheFieldsThatRustEncoded(String form, GoldenVector vector, Codec<Heartbeat> codec) {
        ByteBuffer source = ByteBuffer.wrap(vector.bytes());

        Heartbeat heartbeat = codec.decode(source);

        assertThat(heartbeat).isEqualTo(vector.heartbeat());
        assertThat(heartbeat.clientId()).hasToString(vector.key());
        assertThat(source.hasRemaining()).isFalse();
        if (vector.hasDevices()) {
            assertThat(heartbeat.devices()).isEqualTo(vector.devices());
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("good")
    void encode_givesTheBytesThatRustEncoded(String form, GoldenVector vector, Codec<Heartbeat> codec) {
        assertThat(codec.encode(vector.heartbeat())).isEqualTo(vector.bytes());
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("good")
    void decode_refusesEveryTruncation(String form, GoldenVector vector, Codec<Heartbeat> codec) {
        byte[] bytes = vector.bytes();
        for (int length = 0; length < bytes.length; length++) {
            assertRefused(codec, bytes, length);
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("malformed")
    void decode_answersAsRustDoes(String form, GoldenVector vector, Codec<Heartbeat> strict, Codec<Heartbeat> lenient) {
        byte[] bytes = vector.bytes();
        if (!vector.isDecoded()) {
            assertRefused(strict, bytes);
            assertRefused(lenient, bytes);
            return;
        }
        ByteBuffer source = ByteBuffer.wrap(bytes);
        assertThat(lenient.decode(source)).isEqualTo(vector.heartbeat());
        assertThat(source.position()).isEqualTo(vector.consumed());
        if (vector.consumed() < bytes.length) {
            assertThat(assertRefused(strict, bytes).offset()).isEqualTo(vector.consumed());
        } else {
            assertThat(strict.decode(ByteBuffer.wrap(bytes))).isEqualTo(vector.heartbeat());
        }
    }
}

package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Decodes heartbeats that a fuzzer has built and damaged, or bytes of its own: nothing but {@link CodecException} is
 * thrown, a decoded heartbeat encodes again, and memory is bounded by the length of the bytes.
 *
 * <p>A build replays the inputs in {@code src/test/resources/.../HeartbeatFuzzTestInputs}. Fuzzing is a run of its own,
 * one target ({@code fixed}, {@code varint} or {@code kryo}) at a time:
 *
 * <pre>{@code
 * mvn -Pfuzz -pl telemetry-codec -am test -Dfuzz.target=varint -Dfuzz.duration=10m
 * }</pre>
 *
 * <p>Its findings lie in {@code telemetry-codec/target/fuzz}; a {@code crash-} file belongs to the inputs of its
 * target, as a regression test.
 */
class HeartbeatFuzzTest {
    private static final long CONSTANT = 3072;
    private static final long MULTIPLE = 32;

    private static final Codec<Heartbeat> KRYO = KryoHeartbeatCodec.create();

    @FuzzTest
    void fixed(FuzzedDataProvider data) {
        Codec<Heartbeat> codec = options(data).build();
        byte[] bytes = input(data, codec);
        if (isDecoded(codec, bytes)) {
            // One heartbeat has one form of fixed width: no other bytes may mean the same.
            ByteBuffer source = ByteBuffer.wrap(bytes);
            byte[] again = codec.encode(codec.decode(source));
            assertThat(again).isEqualTo(Arrays.copyOf(bytes, source.position()));
        }
    }

    @FuzzTest
    void varint(FuzzedDataProvider data) {
        Codec<Heartbeat> codec = options(data).varint().build();
        isDecoded(codec, input(data, codec));
    }

    @FuzzTest
    void kryo(FuzzedDataProvider data) {
        isDecoded(KRYO, input(data, KRYO));
    }

    private static BincodeHeartbeatCodec.Builder options(FuzzedDataProvider data) {
        BincodeHeartbeatCodec.Builder builder = BincodeHeartbeatCodec.builder();
        return data.consumeBoolean() ? builder.acceptTrailingBytes() : builder;
    }

    private static byte[] input(FuzzedDataProvider data, Codec<Heartbeat> codec) {
        if (data.consumeBoolean()) {
            return data.consumeRemainingAsBytes();
        }
        Heartbeat heartbeat = new FuzzedHeartbeats(data).next();
        Damage damage = new Damage(data, codec, heartbeat);
        byte[] bytes = damage.bytes();
        if (damage.isNone()) {
            assertThat(codec.decode(ByteBuffer.wrap(bytes))).isEqualTo(heartbeat);
        }
        return bytes;
    }

    private static boolean isDecoded(Codec<Heartbeat> codec, byte[] bytes) {
        try {
            Heartbeat heartbeat = codec.decode(ByteBuffer.wrap(bytes));
            byte[] again = codec.encode(heartbeat);
            assertThat(again.length).isLessThanOrEqualTo(bytes.length);
            assertThat(codec.decode(ByteBuffer.wrap(again))).isEqualTo(heartbeat);
            return true;
        } catch (CodecException refusal) {
            assertThat(refusal.reason()).isNotBlank();
            assertThat(refusal.offset()).isBetween(0, bytes.length);
            return false;
        } finally {
            assertBounded(codec, bytes);
        }
    }

    /** Asserts the limit, in a second attempt if the first one exceeds it: the first may load classes. */
    private static void assertBounded(Codec<Heartbeat> codec, byte[] bytes) {
        long limit = MULTIPLE * bytes.length + CONSTANT;
        Runnable decode = () -> decodeIfPossible(codec, bytes);
        if (Allocation.of(decode) > limit) {
            assertThat(Allocation.of(decode)).isLessThanOrEqualTo(limit);
        }
    }

    @SuppressWarnings("ReturnValueIgnored") // what it allocates counts, not what it is
    private static void decodeIfPossible(Codec<Heartbeat> codec, byte[] bytes) {
        try {
            codec.decode(ByteBuffer.wrap(bytes));
        } catch (CodecException expected) {
            assertThat(expected.offset()).isNotNegative();
        }
    }
}

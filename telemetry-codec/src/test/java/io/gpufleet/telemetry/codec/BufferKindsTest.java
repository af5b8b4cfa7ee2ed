package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The codecs on arrays, and on heap, direct, read-only and sliced buffers of both byte orders, with bytes before and
 * behind the payload.
 */
class BufferKindsTest {
    private static final int BEFORE = 5;
    private static final int BEHIND = 7;

    private final Heartbeat heartbeat = new RandomHeartbeats(11).next(3);

    static Stream<Codec<Heartbeat>> codecs() {
        return Stream.of(BincodeHeartbeatCodec.fixed(), BincodeHeartbeatCodec.varint(), KryoHeartbeatCodec.create());
    }

    /** Buffers with room for a payload between their position and their limit. */
    private static List<ByteBuffer> targets(int size) {
        List<IntFunction<ByteBuffer>> kinds = List.of(ByteBuffer::allocate, ByteBuffer::allocateDirect);
        List<ByteBuffer> targets = new ArrayList<>();
        for (IntFunction<ByteBuffer> kind : kinds) {
            int capacity = BEFORE + size + BEHIND;
            targets.add(kind.apply(size));
            targets.add(kind.apply(capacity).position(BEFORE).limit(BEFORE + size));
            targets.add(kind.apply(capacity).position(BEFORE).slice());
            targets.add(kind.apply(capacity).slice(2, size + BEHIND).position(BEHIND));
            targets.add(kind.apply(size).order(ByteOrder.LITTLE_ENDIAN));
        }
        return targets;
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void encode_writesTheSameBytesIntoEveryBuffer(Codec<Heartbeat> codec) {
        byte[] bytes = codec.encode(heartbeat);
        for (ByteBuffer target : targets(bytes.length)) {
            ByteOrder order = target.order();
            int start = target.position();

            codec.encode(heartbeat, target);

            byte[] written = new byte[bytes.length];
            target.get(start, written);
            assertThat(written).isEqualTo(bytes);
            assertThat(target.position()).isEqualTo(start + bytes.length);
            assertThat(target.order()).isEqualTo(order);
        }
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_readsTheSameHeartbeatFromEveryBuffer(Codec<Heartbeat> codec) {
        byte[] bytes = codec.encode(heartbeat);
        for (ByteBuffer target : targets(bytes.length)) {
            int start = target.position();
            ByteBuffer written = target.put(bytes).limit(start + bytes.length).position(start);
            ByteBuffer readOnly = written.asReadOnlyBuffer().order(written.order());
            for (ByteBuffer source : List.of(written, readOnly)) {
                ByteOrder order = source.order();

                assertThat(codec.decode(source)).isEqualTo(heartbeat);

                assertThat(source.position()).isEqualTo(start + bytes.length);
                assertThat(source.order()).isEqualTo(order);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_readsAnArrayAsABufferOfIt(Codec<Heartbeat> codec) {
        RandomHeartbeats random = new RandomHeartbeats(13);
        for (int pods = 0; pods <= 9; pods++) {
            Heartbeat sent = random.next(pods);
            byte[] bytes = codec.encode(sent);
            assertThat(codec.decode(bytes)).isEqualTo(sent);
            assertThat(codec.decode(ByteBuffer.wrap(bytes))).isEqualTo(sent);
        }
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_refusesAnArrayAsABufferOfIt(Codec<Heartbeat> codec) {
        byte[] bytes = codec.encode(heartbeat);
        for (int length = 0; length <= bytes.length + 1; length++) {
            if (length != bytes.length) {
                byte[] damaged = Arrays.copyOf(bytes, length);
                CodecException refusal =
                        catchThrowableOfType(CodecException.class, () -> codec.decode(ByteBuffer.wrap(damaged)));
                assertThatThrownBy(() -> codec.decode(damaged))
                        .isInstanceOf(CodecException.class)
                        .hasMessage(refusal.getMessage());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_leavesABadPayloadAsItWas(Codec<Heartbeat> codec) {
        byte[] bytes = codec.encode(heartbeat);
        for (int length = 0; length < bytes.length; length++) {
            byte[] damaged = bytes.clone();
            ByteBuffer writable = ByteBuffer.wrap(damaged).limit(length);
            ByteBuffer readOnly = ByteBuffer.wrap(damaged).asReadOnlyBuffer().limit(length);

            assertThatThrownBy(() -> codec.decode(writable)).isInstanceOf(CodecException.class);
            assertThatThrownBy(() -> codec.decode(readOnly)).isInstanceOf(CodecException.class);

            assertThat(damaged).isEqualTo(bytes);
            assertThat(writable.limit()).isEqualTo(length);
            assertThat(readOnly.limit()).isEqualTo(length);
        }
    }
}

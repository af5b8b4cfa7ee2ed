package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RoundTripTest {
    private static final int HEARTBEATS = 10_000;

    static Stream<Codec<Heartbeat>> codecs() {
        return Stream.of(BincodeHeartbeatCodec.fixed(), BincodeHeartbeatCodec.varint(), KryoHeartbeatCodec.create());
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void decode_givesBackWhatWasEncoded(Codec<Heartbeat> codec) {
        RandomHeartbeats heartbeats = new RandomHeartbeats(20251120);
        for (int i = 0; i < HEARTBEATS; i++) {
            Heartbeat heartbeat = heartbeats.next();
            byte[] bytes = codec.encode(heartbeat);

            assertThat(bytes).hasSize(codec.encodedSize(heartbeat));
            assertThat(codec.decode(ByteBuffer.wrap(bytes))).isEqualTo(heartbeat);
        }
    }
}

package io.gpufleet.telemetry.benchmarks.codec;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoundTripTest {

    @ParameterizedTest
    @EnumSource
    void check_acceptsEveryFormat(WireForm form) {
        for (int pods : CodecRun.PODS) {
            Heartbeat[] heartbeats = FleetHeartbeats.of(pods);

            assertThatCode(() -> RoundTrip.check(form.open(), heartbeats)).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void check_refusesAFormatThatLosesAValue(boolean inBufferOnly) {
        Heartbeat[] heartbeats = FleetHeartbeats.of(1);

        assertThatIllegalStateException()
                .isThrownBy(() -> RoundTrip.check(new Lossy(inBufferOnly), heartbeats))
                .withMessageStartingWith("lossy: Heartbeat[")
                .withMessageContaining("came back as");
    }

    /** The SDK's fixed form, but for the computing power. */
    private record Lossy(boolean inBufferOnly) implements Format {
        private static final Format FIXED = WireForm.FIXED.open();

        @Override
        public String name() {
            return "lossy";
        }

        @Override
        public String settings() {
            return "";
        }

        @Override
        public byte[] encode(Heartbeat heartbeat) {
            return FIXED.encode(inBufferOnly ? heartbeat : lose(heartbeat));
        }

        @Override
        public void encode(Heartbeat heartbeat, ByteBuffer target) {
            FIXED.encode(lose(heartbeat), target);
        }

        @Override
        public Heartbeat decode(byte[] bytes) {
            return FIXED.decode(bytes);
        }

        private static Heartbeat lose(Heartbeat heartbeat) {
            return new Heartbeat(
                    heartbeat.clientId(),
                    heartbeat.systemInfo(),
                    heartbeat.deviceMemTotalGb(),
                    heartbeat.deviceCount(),
                    0,
                    heartbeat.pods());
        }
    }
}

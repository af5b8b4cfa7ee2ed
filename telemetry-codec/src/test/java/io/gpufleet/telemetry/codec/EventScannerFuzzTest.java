package io.gpufleet.telemetry.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/**
 * Reads metric events that a fuzzer has built and damaged, or bytes of its own: a message that may be scanned gives the
 * same event, samples, refusals and counts as one that is parsed.
 *
 * <p>A build replays the inputs in {@code src/test/resources/.../EventScannerFuzzTestInputs}. Their first byte says
 * whether the others are the message or choose its members, and whether events or samples are compared: an execution
 * does one thing, so that 10,000,000 of them take about a quarter of an hour on one core. Fuzzing is a run of its own:
 *
 * <pre>{@code
 * mvn -Pfuzz -pl telemetry-codec -am test -Dfuzz.test=EventScannerFuzzTest -Dfuzz.target=event -Dfuzz.duration=15m
 * }</pre>
 */
class EventScannerFuzzTest {
    private static final int MOST_BYTES = 320;

    private final ScannedAndParsed both = new ScannedAndParsed();

    /** Choices by the bytes of the fuzzer, as long as there are any; calls of its own provider take longer. */
    private static final class Choices {
        private final byte[] bytes;
        private int at = 1;

        private Choices(byte[] bytes) {
            this.bytes = bytes;
        }

        private int next(int bound) {
            if (at == bytes.length) {
                return bound - 1;
            }
            int choice = next();
            return (bound <= 256 || at == bytes.length ? choice : choice << 8 | next()) % bound;
        }

        private int next() {
            return Byte.toUnsignedInt(bytes[at++]);
        }
    }

    @FuzzTest
    void event(byte[] bytes) {
        if (bytes.length == 0 || bytes.length > MOST_BYTES) {
            return;
        }
        boolean isMessage = (bytes[0] & 1) == 0;
        byte[] json = isMessage ? Arrays.copyOfRange(bytes, 1, bytes.length) : generated(bytes);
        if ((bytes[0] & 2) == 0) {
            both.assertSameEvent(json);
        } else {
            both.assertSameSamples(json);
        }
    }

    private static byte[] generated(byte[] bytes) {
        return new GeneratedEvents(new Choices(bytes)::next).next();
    }
}

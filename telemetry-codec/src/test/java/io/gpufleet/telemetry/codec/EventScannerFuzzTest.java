package io.gpufleet.telemetry.codec;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Reads metric events that a fuzzer has built and damaged, or bytes of its own: a message that may be scanned gives the
 * same events, samples, refusals, counts and excerpts as one that is parsed.
 *
 * <p>A build replays the empty input. Fuzzing is a run of its own:
 *
 * <pre>{@code
 * mvn -Pfuzz -pl telemetry-codec -am test -Dfuzz.test=EventScannerFuzzTest -Dfuzz.target=event -Dfuzz.duration=15m
 * }</pre>
 */
class EventScannerFuzzTest {
    private static final int MOST_BYTES = 1024;

    private final ScannedAndParsed both = new ScannedAndParsed();

    @FuzzTest
    void event(FuzzedDataProvider data) {
        byte[] json = data.consumeBoolean()
                ? data.consumeBytes(MOST_BYTES)
                : new GeneratedEvents(bound -> data.consumeInt(0, bound - 1)).next();
        both.assertSame(json);
    }
}

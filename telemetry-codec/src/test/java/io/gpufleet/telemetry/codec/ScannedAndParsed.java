package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The comparison of events that may be scanned with the same ones when all of them are parsed. Not thread-safe. */
final class ScannedAndParsed {
    private final SampleCounts scannedCounts = new SampleCounts();
    private final SampleCounts parsedCounts = new SampleCounts();
    private final MetricEventJsonCodec scanning =
            MetricEventJsonCodec.builder().counts(scannedCounts).build();
    private final SampleRules rules = new SampleRules(MetricEventDecoder.builder());
    private final SampleDecoding scanningDecoder = new SampleDecoding(rules, EventReading::new);
    private final SampleDecoding parsingDecoder = new SampleDecoding(rules, Parsed::new);

    /** A reading that scans nothing. */
    private record Parsed(EventReading reading) implements SampleReading {
        private Parsed(SampleRules rules, ScrapeContext context, Inflated source) {
            this(new EventReading(rules, context, source));
        }

        @Override
        public Entries read() {
            return reading.parsed();
        }

        @Override
        public void requireWhole() {
            reading.requireWhole();
        }

        @Override
        public Optional<byte[]> excerpt(List<Place> chosen) {
            return reading.excerpt(chosen);
        }
    }

    /** Returns whether a message is scanned, as one event or as an array. */
    static boolean isScanned(byte[] json) {
        return !new EventScanner(SampleLimits.DEFAULT, json, 0, json.length)
                .message()
                .isEmpty();
    }

    /** Asserts that a message gives the same event, samples, refusals, counts and excerpts. */
    void assertSame(byte[] json) {
        assertSameEvent(json);
        assertSameSamples(json);
        Decoded decoded = Decoded.of(scanningDecoder, json);
        if (!decoded.refused().isEmpty()) {
            assertEqual(json, excerpt(scanningDecoder, json, decoded), excerpt(parsingDecoder, json, decoded));
        }
    }

    void assertSameEvent(byte[] json) {
        assertEqual(json, outcome(() -> scanning.decode(json)), outcome(() -> parse(json)));
        assertEqual(json, counts(scannedCounts), counts(parsedCounts));
    }

    void assertSameSamples(byte[] json) {
        assertEqual(json, outcome(scanningDecoder, json), outcome(parsingDecoder, json));
    }

    private MetricEvent parse(byte[] json) {
        LeftOut leftOut = new LeftOut();
        MetricEvent event = new EventParsing(SampleLimits.DEFAULT, leftOut).parse(json, 0, json.length);
        parsedCounts.add(leftOut);
        return event;
    }

    private static List<Long> counts(SampleCounts counts) {
        return List.of(counts.noValues(), counts.malformedTexts());
    }

    private static Object outcome(Supplier<MetricEvent> decode) {
        try {
            return decode.get();
        } catch (CodecException refusal) {
            return text(refusal);
        }
    }

    private static Object outcome(SampleDecoding decoding, byte[] json) {
        Decoded decoded = Decoded.of(decoding, json);
        return List.of(
                decoded.samples(),
                decoded.refusals(),
                decoded.kinds(),
                decoded.counts(),
                decoded.refused(),
                decoded.end().map(ScannedAndParsed::text));
    }

    private static String excerpt(SampleDecoding decoding, byte[] json, Decoded decoded) {
        return new String(decoding.excerpt(json, decoded.refused()), StandardCharsets.ISO_8859_1);
    }

    private static String text(CodecException refusal) {
        return refusal.reason() + " at " + refusal.offset();
    }

    /** Without a library for assertions, which a fuzzer would watch. */
    private static void assertEqual(byte[] json, Object scanned, Object parsed) {
        if (!scanned.equals(parsed)) {
            throw new AssertionError("scanned " + scanned + "\nparsed  " + parsed + "\n"
                    + new String(json, StandardCharsets.ISO_8859_1));
        }
    }
}

package io.gpufleet.telemetry.codec;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.Decoder.Values;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.SampleReading.Form;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/** The steps of every decoder of GPU samples: unpack a record, read it in its form, hand its values over. Immutable. */
final class SampleDecoding {
    private final SampleRules rules;
    private final Form form;

    SampleDecoding(SampleRules rules, Form form) {
        this.rules = rules;
        this.form = form;
    }

    /** As {@link GpuSampleDecoder#decode(ByteBuffer, ScrapeContext, Values)}. */
    void decode(ByteBuffer source, ScrapeContext context, Values<? super GpuSample> values) {
        requireNonNull(values, "values");
        ScrapeContext complete = rules.complete(requireNonNull(context, "context"));
        SampleRules ofRecord = rules.ofRecord();
        SampleReading reading = form.open(ofRecord, complete, unpack(requireNonNull(source, "source")));
        reading.read().handOver(values);
        // Not after an exception: a memory that one left half written is not used again.
        reading.release();
        ofRecord.leftOut().handOver(values);
        rules.counts().add(ofRecord.leftOut());
        reading.requireWhole();
    }

    /** As {@link GpuSampleDecoder#excerpt}. */
    byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
        Inflated text = unpack(ByteBuffer.wrap(source));
        if (text.isCut()) {
            return source;
        }
        try {
            return excerpt(secondLook(text), indexes).orElse(source);
        } catch (CodecException ofNoForm) {
            return source;
        }
    }

    /** As {@link GpuSampleDecoder#places}. */
    Map<Integer, String> places(byte[] source, SortedSet<Integer> indexes) {
        Entries entries = secondLook(unpack(ByteBuffer.wrap(source))).read();
        List<Place> places = entries.places();
        Map<Integer, String> words = new HashMap<>();
        indexes.headSet(places.size()).forEach(index -> words.put(index, entries.words(places.get(index))));
        return words;
    }

    /** Begins another reading of a record, with any time, so that the same rows are refused as before. */
    private SampleReading secondLook(Inflated text) {
        return form.open(rules.ofSecondLook(), ScrapeContext.at(Instant.EPOCH), text);
    }

    private static Optional<byte[]> excerpt(SampleReading reading, SortedSet<Integer> indexes) {
        List<Place> places = reading.read().places();
        return indexes.last() < places.size()
                ? reading.excerpt(indexes.stream().map(places::get).distinct().toList())
                : Optional.empty();
    }

    /** Returns the text of a record, within the limit. */
    Inflated unpack(ByteBuffer source) {
        return Inflated.of(source, rules.limits().messageBytes());
    }
}

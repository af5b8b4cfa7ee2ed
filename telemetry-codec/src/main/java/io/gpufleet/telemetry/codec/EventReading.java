package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The reading of metric events, of one or of an array of them, as samples. Used once, by one thread. */
final class EventReading implements SampleReading {
    private static final byte[] BOM = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final SampleRules rules;
    private final byte[] json;
    private final int from;
    private final int length;
    private final Entries entries;
    private final EventSamples samples;
    private @Nullable CodecException fault;
    private int begin;
    private int elements;

    /**
     * Creates the reading of a message.
     *
     * @throws CodecException if its end is missing
     */
    EventReading(SampleRules rules, ScrapeContext context, Inflated source) {
        source.requireWhole(0);
        this.rules = rules;
        this.json = new Utf8(rules.leftOut())
                .text(source.bytes(), source.from(), source.to())
                .getBytes(UTF_8);
        this.from = json.length >= BOM.length && json[0] == BOM[0] && json[1] == BOM[1] && json[2] == BOM[2]
                ? BOM.length
                : 0;
        this.length = source.length();
        this.entries = new Entries("element", rules, context);
        this.samples = new EventSamples(rules, context, entries);
    }

    @Override
    public Entries read() {
        try {
            begin = EventJson.begin(json, from, json.length);
            EventJson.parse(json, begin, from, json.length, this::readRoot);
        } catch (CodecException unreadable) {
            fault = unreadable;
        }
        return entries;
    }

    @Override
    public void requireWhole() {
        if (fault != null) {
            throw new CodecException(fault.reason(), Math.min(fault.offset(), length));
        }
    }

    @Override
    public Optional<byte[]> excerpt(List<Place> chosen) {
        return json[begin] == '['
                ? Optional.of(JsonExcerpt.of(chosen.stream()
                        .map(place -> new String(json, place.from(), place.to() - place.from(), UTF_8))
                        .toList()))
                : Optional.empty();
    }

    private boolean readRoot(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            readElement(parser);
            return true;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            readElement(parser);
        }
        return true;
    }

    private void readElement(JsonParser parser) throws IOException {
        int first = begin + (int) parser.currentTokenLocation().getByteOffset();
        elements++;
        Optional<EventReader> reader = Optional.empty();
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            reader = Optional.of(new EventReader(rules.limits(), rules.leftOut(), json, begin));
            reader.orElseThrow().read(parser);
        } else {
            parser.skipChildren();
            parser.finishToken();
        }
        read(new Place(elements, first, begin + (int) parser.currentLocation().getByteOffset()), reader);
    }

    private void read(Place place, Optional<EventReader> reader) {
        try {
            int size = place.to() - place.from();
            if (size > rules.limits().lineBytes()) {
                throw new CodecException(
                        "has " + size + " bytes, the limit is " + rules.limits().lineBytes(), 0);
            }
            EventReader object = reader.orElseThrow(() -> new CodecException("no object", 0));
            object.requireAccepted();
            if (!object.namesGpu()) {
                throw new CodecException("no UUID", 0);
            }
            samples.add(place, object.event());
        } catch (CodecException unreadable) {
            entries.refuse(place, json, unreadable.reason());
        }
    }
}

package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.EventScanner.Usual;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The reading of metric events, of one or of an array of them, as samples. Used once, by one thread. */
final class EventReading implements SampleReading {
    private final SampleRules rules;
    private final byte[] json;
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
        this.length = source.length();
        this.entries = new Entries("element", rules, context);
        this.samples = new EventSamples(rules, context, entries);
    }

    @Override
    public Entries read() {
        return read(true);
    }

    /** Reads the message as if it were no usual one, with the same result. */
    Entries parsed() {
        return read(false);
    }

    private Entries read(boolean mayBeUsual) {
        try {
            begin = EventJson.begin(json, 0, json.length);
            if (!mayBeUsual || !isUsual()) {
                EventJson.parse(json, begin, 0, json.length, this::readRoot);
            }
        } catch (CodecException unreadable) {
            fault = unreadable;
        }
        return entries;
    }

    /** Reads a message of usual events, and returns whether it is one; nothing is kept of any other. */
    private boolean isUsual() {
        EventScanner scanner = new EventScanner(rules.limits(), json, begin, json.length);
        List<Usual> events = scanner.message();
        if (events.isEmpty()) {
            return false;
        }
        rules.leftOut().add(scanner.leftOut());
        events.forEach(usual -> add(new Place(++elements, usual.from(), usual.to()), usual::event));
        return true;
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
        Optional<EventReader> reader = parser.currentToken() == JsonToken.START_OBJECT
                ? Optional.of(new EventReader(rules.limits(), rules.leftOut(), json, begin))
                : Optional.empty();
        if (reader.isPresent()) {
            reader.orElseThrow().read(parser);
        } else {
            parser.skipChildren();
            parser.finishToken();
        }
        Place place = new Place(
                elements, first, begin + (int) parser.currentLocation().getByteOffset());
        add(place, () -> event(reader));
    }

    private static MetricEvent event(Optional<EventReader> reader) {
        EventReader object = reader.orElseThrow(() -> new CodecException("no object", 0));
        object.requireAccepted();
        if (!object.namesGpu()) {
            throw new CodecException("no UUID", 0);
        }
        return object.event();
    }

    /**
     * Adds an element.
     *
     * @param event gives its event, or refuses it
     */
    private void add(Place place, Supplier<MetricEvent> event) {
        try {
            int size = place.to() - place.from();
            if (size > rules.limits().lineBytes()) {
                throw new CodecException(
                        "has " + size + " bytes, the limit is " + rules.limits().lineBytes(), 0);
            }
            samples.add(place, event.get());
        } catch (CodecException unreadable) {
            entries.refuse(place, json, unreadable.reason());
        }
    }
}

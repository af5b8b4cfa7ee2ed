package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The reading of one JSON message of samples: an object, an array of twelve texts, or an array of objects. Used once,
 * by one thread.
 */
final class JsonReading implements SampleReading {
    private static final int DEEPEST = 32;

    /** Without the tables of names that parsers share: names are the senders' choice. */
    static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private final SampleRules rules;
    private final String text;
    private final int bytes;
    private final Entries entries;
    private final RowReader reader;
    private @Nullable CodecException fault;
    private boolean batch;
    private int elements;

    /**
     * Creates the reading of a message.
     *
     * @throws CodecException if its end is missing
     */
    JsonReading(SampleRules rules, ScrapeContext context, Inflated source) {
        source.requireWhole(0);
        this.rules = rules;
        this.text = text(rules, source);
        this.bytes = source.length();
        this.entries = new Entries("element", rules, context);
        this.reader = new RowReader(rules, context, entries);
    }

    private static String text(SampleRules rules, Inflated unpacked) {
        return new Utf8(rules.leftOut()).text(unpacked.bytes(), unpacked.from(), unpacked.to());
    }

    @Override
    public Entries read() {
        try (JsonParser parser = FACTORY.createParser(text)) {
            readRoot(parser);
        } catch (JsonProcessingException damaged) {
            JsonLocation place = damaged.getLocation();
            int at = place == null ? 0 : (int) Math.max(0, place.getCharOffset());
            fault = refuse("no JSON: " + Quotation.of(damaged.getOriginalMessage()), at);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        } catch (CodecException other) {
            fault = other;
        }
        return entries;
    }

    /** The offset is one of the message as it came: its text has more where bytes were replaced, or unpacked. */
    @Override
    public void requireWhole() {
        if (fault != null) {
            throw new CodecException(fault.reason(), Math.min(fault.offset(), bytes));
        }
    }

    /** Returns some of the elements that were read, in an array; empty if the message is none. */
    @Override
    public Optional<byte[]> excerpt(List<Place> chosen) {
        if (!batch) {
            return Optional.empty();
        }
        return Optional.of(JsonExcerpt.of(chosen.stream()
                .map(place -> text.substring(place.from(), place.to()))
                .toList()));
    }

    private void readRoot(JsonParser parser) throws IOException {
        JsonToken first = parser.nextToken();
        if (first == JsonToken.START_OBJECT) {
            readElement(parser);
        } else if (first == JsonToken.START_ARRAY) {
            readArray(parser);
        } else {
            throw refuse("neither a JSON object nor an array", 0);
        }
        if (parser.nextToken() != null) {
            throw refuse("text behind the JSON value", from(parser));
        }
    }

    private void readArray(JsonParser parser) throws IOException {
        int from = from(parser);
        JsonToken token = parser.nextToken();
        if (token != JsonToken.END_ARRAY && !token.isStructStart()) {
            readFields(parser, from);
            return;
        }
        batch = true;
        while (parser.currentToken() != JsonToken.END_ARRAY) {
            readElement(parser);
            parser.nextToken();
        }
    }

    /** Reads an array of fields, which is the whole message. */
    private void readFields(JsonParser parser, int from) throws IOException {
        JsonFields fields = new JsonFields(text, reader);
        fields.readArray(parser);
        read(new Place(1, from, to(parser)), fields);
    }

    private void readElement(JsonParser parser) throws IOException {
        int from = from(parser);
        elements++;
        JsonFields fields = new JsonFields(text, reader);
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            fields.readObject(parser);
        } else {
            parser.skipChildren();
            // A text is read up to its end only now, and its end is asked for.
            parser.finishToken();
            fields.refuse("no object");
        }
        read(new Place(elements, from, to(parser)), fields);
    }

    private void read(Place place, JsonFields fields) {
        try {
            int length = place.to() - place.from();
            if (length > rules.limits().lineBytes()) {
                throw refuse(
                        "has " + length + " characters, the limit is "
                                + rules.limits().lineBytes(),
                        0);
            }
            reader.read(place, fields.fields(rules.limits()));
        } catch (CodecException unreadable) {
            entries.refuse(place, text, unreadable.reason());
        }
    }

    private static int from(JsonParser parser) {
        return (int) parser.currentTokenLocation().getCharOffset();
    }

    private static int to(JsonParser parser) {
        return (int) parser.currentLocation().getCharOffset();
    }

    private CodecException refuse(String reason, int at) {
        int before = Math.min(at, text.length());
        return new CodecException(reason, text.substring(0, before).getBytes(UTF_8).length);
    }
}

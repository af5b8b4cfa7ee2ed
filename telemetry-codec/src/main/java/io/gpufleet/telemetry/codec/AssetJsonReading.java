package io.gpufleet.telemetry.codec;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.Decoder.Values;
import io.gpufleet.telemetry.gpu.GpuAsset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The reading of one JSON text of assets: an object, or an array of objects. Used once, by one thread. */
final class AssetJsonReading {
    private static final String NO_OBJECT = "no JSON object";

    private final String text;

    AssetJsonReading(String text) {
        this.text = text.startsWith("\ufeff") ? text.substring(1) : text;
    }

    /** A use of a parser. */
    private interface Use<R> {
        R read(JsonParser parser) throws IOException;
    }

    /**
     * Reads a text that is one object.
     *
     * @param bytes the bytes of the message, of which a place in its text is one
     */
    GpuAsset readOne(int bytes) {
        return parse(bytes, parser -> {
            requireObject(parser.nextToken());
            GpuAsset asset = readObject(parser).asset();
            requireEnd(parser);
            return asset;
        });
    }

    /** Reads a text that is one object, or an array of them. */
    void readAll(int bytes, Values<? super GpuAsset> values) {
        parse(bytes, parser -> {
            if (parser.nextToken() == JsonToken.START_ARRAY) {
                readArray(parser, values);
            } else {
                requireObject(parser.currentToken());
                readElement(parser, "", values);
            }
            requireEnd(parser);
            return Boolean.TRUE;
        });
    }

    /** Reads the tags in a cell. */
    static void readTags(String cell, AssetFields fields) {
        JsonLibrary.require();
        try {
            AssetJsonReading reading = new AssetJsonReading(cell);
            reading.parse(0, parser -> {
                requireObject(parser.nextToken());
                reading.readTags(parser, fields);
                requireEnd(parser);
                return Boolean.TRUE;
            });
        } catch (CodecException e) {
            throw AssetFields.refuse(AssetFields.TAGS + " " + Quotation.of(cell) + ": " + e.reason()
                    + "; allowed: a JSON object such as {\"team\": \"vision\"}");
        }
    }

    private <R> R parse(int bytes, Use<R> use) {
        try (JsonParser parser = JsonReading.FACTORY.createParser(text)) {
            return use.read(parser);
        } catch (JsonProcessingException damaged) {
            JsonLocation place = damaged.getLocation();
            long at = place == null ? 0 : Math.max(0, place.getCharOffset());
            throw new CodecException(
                    "no JSON: " + Quotation.of(damaged.getOriginalMessage()), (int) Math.min(at, bytes));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private void readArray(JsonParser parser, Values<? super GpuAsset> values) throws IOException {
        for (int number = 1; parser.nextToken() != JsonToken.END_ARRAY; number++) {
            readElement(parser, "element " + number + ": ", values);
        }
    }

    private void readElement(JsonParser parser, String place, Values<? super GpuAsset> values) throws IOException {
        Optional<GpuAsset> asset = Optional.empty();
        try {
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                asset = Optional.of(readObject(parser).asset());
            } else {
                parser.skipChildren();
                values.refuse(place + NO_OBJECT);
            }
        } catch (CodecException unreadable) {
            values.refuse(place + unreadable.reason());
        }
        asset.ifPresent(values);
    }

    private AssetFields readObject(JsonParser parser) throws IOException {
        AssetFields fields = new AssetFields();
        Set<String> names = new HashSet<>();
        readMembers(parser, () -> {
            String name = AssetFields.name(parser.currentName());
            parser.nextToken();
            if (!names.add(name)) {
                parser.skipChildren();
                throw AssetFields.refuse("member " + Quotation.of(name) + " stands twice");
            }
            readMember(parser, name, fields);
        });
        return fields;
    }

    private void readMember(JsonParser parser, String name, AssetFields fields) throws IOException {
        if (!name.equals(AssetFields.TAGS)) {
            fields.put(name, value(parser));
        } else if (parser.currentToken() == JsonToken.START_OBJECT) {
            readTags(parser, fields);
        } else if (parser.currentToken() != JsonToken.VALUE_NULL) {
            parser.skipChildren();
            throw AssetFields.refuse(AssetFields.TAGS + ": " + NO_OBJECT);
        }
    }

    private void readTags(JsonParser parser, AssetFields fields) throws IOException {
        readMembers(parser, () -> {
            String name = parser.currentName();
            if (parser.nextToken() != JsonToken.VALUE_NULL) {
                fields.tag(name, value(parser));
            }
        });
    }

    /** A step over one member, from its name to its value. */
    private interface Member {
        void read() throws IOException;
    }

    /** Reads the members of an object up to its end, also if one of them is bad. */
    private static void readMembers(JsonParser parser, Member member) throws IOException {
        Optional<CodecException> fault = Optional.empty();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            try {
                member.read();
            } catch (CodecException bad) {
                fault = fault.or(() -> Optional.of(bad));
            }
        }
        if (fault.isPresent()) {
            throw fault.get();
        }
    }

    /** Returns a value: a text or number as it is, anything else as it stands, null as the empty text. */
    private String value(JsonParser parser) throws IOException {
        if (parser.currentToken().isStructStart()) {
            int from = (int) parser.currentTokenLocation().getCharOffset();
            parser.skipChildren();
            return text.substring(from, (int) parser.currentLocation().getCharOffset());
        }
        return parser.currentToken() == JsonToken.VALUE_NULL ? "" : parser.getText();
    }

    private static void requireObject(@Nullable JsonToken token) {
        if (token != JsonToken.START_OBJECT) {
            throw AssetFields.refuse(NO_OBJECT);
        }
    }

    private static void requireEnd(JsonParser parser) throws IOException {
        if (parser.nextToken() != null) {
            throw AssetFields.refuse("text behind the JSON value");
        }
    }
}

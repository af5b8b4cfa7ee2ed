package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.EventField.Kind;
import io.gpufleet.telemetry.codec.EventMember.Field;
import io.gpufleet.telemetry.codec.EventMember.Reading;
import io.gpufleet.telemetry.codec.EventMember.Section;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.gpu.MetricEvent.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A reader of one metric event. What cannot be used of it is a fault of the event, and kept as it came; only what
 * breaks the rules of JSON or a limit refuses the event. Used once, by one thread.
 */
final class EventReader {
    private static final int NOT_ASKED = -1;

    private final SampleLimits limits;
    private final byte[] json;
    private final int offset;

    private final EventContent content;
    private final Map<String, String> unknown = new LinkedHashMap<>();
    private @Nullable JsonDecimals decimals;
    private @Nullable Object reasons;
    private Optional<String> refusal = Optional.empty();

    /**
     * Creates a reader.
     *
     * @param json the bytes of a message
     * @param offset the index of the parser's first byte
     */
    EventReader(SampleLimits limits, LeftOut leftOut, byte[] json, int offset) {
        this.limits = limits;
        this.content = new EventContent(leftOut);
        this.json = json;
        this.offset = offset;
    }

    /**
     * Reads the event whose beginning is the parser's current token, to its end.
     *
     * @return true
     * @throws IOException if it is no JSON
     */
    boolean read(JsonParser parser) throws IOException {
        readSection(parser, EventMember.event());
        return true;
    }

    /** Returns whether the event that was read names its GPU. */
    boolean namesGpu() {
        return content.namesGpu();
    }

    /**
     * Returns the event that was read.
     *
     * @throws CodecException if it is refused
     */
    MetricEvent event() {
        if (content.hasStrayAsset()) {
            refuse("asset: no UUID");
        }
        requireAccepted();
        for (String required : EventContent.REQUIRED) {
            if (isMissing(required)) {
                content.fault(Fault.missing(required));
            }
        }
        return keepUnknown(content.event());
    }

    /** Returns whether an object is missing, though what it is in is there. */
    private boolean isMissing(String path) {
        int dot = path.lastIndexOf('.');
        boolean hasParent = dot < 0 || content.has(path.substring(0, dot));
        return hasParent && !content.has(path) && !unknown.containsKey(path);
    }

    /** Returns an event with its unknown members; the decoded reasons are one unless they are what the mask says. */
    private MetricEvent keepUnknown(MetricEvent read) {
        if (EventValues.reasons(read).equals(reasons)) {
            unknown.remove(EventField.THROTTLE_REASONS.path());
        }
        if (unknown.isEmpty()) {
            return read;
        }
        MetricEvent.Builder complete = read.toBuilder();
        unknown.forEach(complete::unknown);
        return complete.build();
    }

    /**
     * Fails if the event is refused.
     *
     * @throws CodecException with the reason
     */
    void requireAccepted() {
        if (refusal.isPresent()) {
            throw new CodecException(refusal.get(), 0);
        }
    }

    /** Refuses the event, unless it has been refused. */
    private void refuse(String reason) {
        if (refusal.isEmpty()) {
            refusal = Optional.of(reason);
        }
    }

    private void readSection(JsonParser parser, Section section) throws IOException {
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken token = parser.nextToken();
            EventMember member = section.member(name);
            if (member instanceof Reading reading) {
                requireOnce(content.isFirst(reading), reading.path());
                readReading(parser, token, reading);
            } else if (member instanceof Field field) {
                requireOnce(content.isFirst(field.field()), field.path());
                readField(parser, token, field.field());
            } else if (member instanceof Section inner) {
                requireOnce(!content.has(inner.path()) && !unknown.containsKey(inner.path()), inner.path());
                readSection(parser, token, inner);
            } else {
                keep(section.pathOf(name), raw(parser));
            }
        }
    }

    private void requireOnce(boolean first, String path) {
        if (!first) {
            refuse("member " + Quotation.of(path) + " stands twice");
        }
    }

    private void readSection(JsonParser parser, JsonToken token, Section section) throws IOException {
        if (token == JsonToken.START_OBJECT) {
            content.add(section.path());
            readSection(parser, section);
        } else if (token != JsonToken.VALUE_NULL) {
            boolean isChecked =
                    !section.path().equals("asset") && !section.path().equals("quality");
            keep(parser, section.path(), isChecked ? "an object" : "");
        }
    }

    private void readReading(JsonParser parser, JsonToken token, Reading reading) throws IOException {
        if (isLong(parser, token)) {
            content.take(reading, parser.getLongValue());
        } else if (token == JsonToken.VALUE_NUMBER_INT) {
            readNumber(parser, reading, parser.getDoubleValue(), "a whole number of 64 bits");
        } else if (token == JsonToken.VALUE_NUMBER_FLOAT) {
            readNumber(parser, reading, decimal(parser), "a whole number");
        } else if (token != JsonToken.VALUE_NULL) {
            keep(parser, reading.path(), "a number");
        }
    }

    private void readNumber(JsonParser parser, Reading reading, double number, String allowed) throws IOException {
        if (!content.take(reading, number)) {
            keep(parser, reading.path(), allowed);
        }
    }

    private double decimal(JsonParser parser) throws IOException {
        if (decimals == null) {
            decimals = new JsonDecimals();
        }
        return decimals.read(parser);
    }

    private void readField(JsonParser parser, JsonToken token, EventField field) throws IOException {
        if (token == JsonToken.VALUE_NULL) {
            return;
        }
        // To ask for a place costs; only what may need more than one token is asked for before it is read.
        int begin = token.isStructStart() ? from(parser) : NOT_ASKED;
        Object value = value(parser, token, field.kind());
        if (value != null && field != EventField.THROTTLE_REASONS) {
            content.take(field, value);
            return;
        }
        String json = raw(parser, begin == NOT_ASKED ? from(parser) : begin);
        keep(field.path(), json);
        if (field == EventField.THROTTLE_REASONS) {
            reasons = value;
        } else if (field.isChecked()) {
            content.fault(fault(field, json));
        }
    }

    private static Fault fault(EventField field, String json) {
        String detail = Quotation.of(json) + " is not " + field.kind().allowed();
        return field.kind() == Kind.TIME && json.startsWith("\"")
                ? Fault.format(field.path(), detail)
                : Fault.type(field.path(), detail);
    }

    /** Returns the value of a member, nothing if it is of another kind; the parser stands at its last token. */
    private @Nullable Object value(JsonParser parser, JsonToken token, Kind kind) throws IOException {
        return switch (kind) {
            case TEXT -> token == JsonToken.VALUE_STRING ? text(parser) : null;
            case CODE -> token == JsonToken.VALUE_STRING || token.isNumeric() ? text(parser) : null;
            case TIME -> token == JsonToken.VALUE_STRING ? EventText.time(text(parser)) : null;
            case DATE -> token == JsonToken.VALUE_STRING ? EventText.date(text(parser)) : null;
            case INTEGER -> integer(parser, token);
            case LONG -> isLong(parser, token) ? (Long) parser.getLongValue() : null;
            case NUMBER -> token.isNumeric() ? EventText.finite(parser.getDoubleValue()) : null;
            case FLAG -> token.isBoolean() ? (Boolean) parser.getBooleanValue() : null;
            case TEXTS -> token == JsonToken.START_ARRAY ? texts(parser) : null;
            case TAGS -> token == JsonToken.START_OBJECT ? tags(parser) : null;
        };
    }

    private String text(JsonParser parser) throws IOException {
        String text = parser.getText();
        // A character has up to three bytes.
        if (text.length() > limits.labelBytes() / 3 && text.getBytes(UTF_8).length > limits.labelBytes()) {
            refuse("member " + Quotation.of(parser.currentName()) + " has " + text.getBytes(UTF_8).length
                    + " bytes, the limit is " + limits.labelBytes());
        }
        return text;
    }

    private static boolean isLong(JsonParser parser, JsonToken token) throws IOException {
        return token == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
    }

    private static @Nullable Object integer(JsonParser parser, JsonToken token) throws IOException {
        return isLong(parser, token) ? EventText.integer(parser.getLongValue()) : null;
    }

    private @Nullable Object texts(JsonParser parser) throws IOException {
        List<String> texts = new ArrayList<>();
        boolean isTexts = true;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == JsonToken.VALUE_STRING) {
                texts.add(text(parser));
            } else {
                isTexts = false;
                parser.skipChildren();
            }
        }
        return isTexts ? texts : null;
    }

    private @Nullable Object tags(JsonParser parser) throws IOException {
        Map<String, String> tags = new LinkedHashMap<>();
        boolean isTexts = true;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            if (parser.nextToken() == JsonToken.VALUE_STRING) {
                requireOnce(tags.put(name, text(parser)) == null, name);
            } else {
                isTexts = false;
                parser.skipChildren();
            }
        }
        return isTexts ? tags : null;
    }

    /** Keeps a member of another kind, whose value begins at the current token, with the fault if it is checked. */
    private void keep(JsonParser parser, String path, String allowed) throws IOException {
        String json = raw(parser);
        keep(path, json);
        if (!allowed.isEmpty()) {
            content.fault(Fault.type(path, Quotation.of(json) + " is not " + allowed));
        }
    }

    private void keep(String path, String json) {
        requireOnce(unknown.put(path, json) == null, path);
        if (unknown.size() > limits.labels()) {
            refuse("more than " + limits.labels() + " members that are not known");
        }
    }

    private int from(JsonParser parser) {
        return offset + (int) parser.currentTokenLocation().getByteOffset();
    }

    private String raw(JsonParser parser) throws IOException {
        return raw(parser, from(parser));
    }

    /** Returns the JSON from an index to the end of the current value. */
    private String raw(JsonParser parser, int from) throws IOException {
        parser.skipChildren();
        // A text is read up to its end only now.
        parser.finishToken();
        int to = offset + (int) parser.currentLocation().getByteOffset();
        return new String(json, from, to - from, UTF_8);
    }
}

package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.codec.EventField.Kind;
import io.gpufleet.telemetry.codec.EventMember.Field;
import io.gpufleet.telemetry.codec.EventMember.Reading;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A reader of usual metric events, straight from the bytes: of known members, each of them once, of its own kind and
 * plain. All others it leaves, and {@link EventReader} reads their message from its beginning: it alone finds faults,
 * keeps and refuses. What is read here is read there with the same result. Used for one message, by one thread.
 */
final class EventScanner {
    /**
     * A usual event.
     *
     * @param from the index of its first byte
     * @param to the index behind its last byte
     * @param event the event
     */
    record Usual(int from, int to, MetricEvent event) {}

    private static final MemberName FIRST = MemberName.firstOf(EventMember.event());
    private static final int LONGEST_TAG = 128;

    private final SampleLimits limits;
    private final JsonScanner json;
    private final LeftOut leftOut = new LeftOut();
    private @Nullable Object reasons;

    /** Creates a scanner of the bytes from one index to another. */
    EventScanner(SampleLimits limits, byte[] bytes, int from, int to) {
        this.limits = limits;
        this.json = new JsonScanner(bytes, from, to);
    }

    /** Returns the numbers of the events that were read. */
    LeftOut leftOut() {
        return leftOut;
    }

    /** Returns the only event of a message, nothing if it is not a usual one. */
    @Nullable
    MetricEvent single() {
        MetricEvent event = event();
        return event != null && json.isAtEnd() ? event : null;
    }

    /** Returns the events of a message, of one or of an array of them; none if not all of them are usual ones. */
    List<Usual> message() {
        boolean isBatch = json.take('[');
        List<Usual> events = new ArrayList<>();
        do {
            int from = json.begin();
            MetricEvent event = event();
            if (event == null) {
                return List.of();
            }
            events.add(new Usual(from, json.at(), event));
        } while (isBatch && json.take(','));
        return (!isBatch || json.take(']')) && json.isAtEnd() ? events : List.of();
    }

    /** Returns the event that comes next, nothing if it is not a usual one. */
    private @Nullable MetricEvent event() {
        EventContent content = new EventContent(leftOut);
        reasons = null;
        boolean isRead = json.take('{') && readMembers(content, FIRST);
        if (!isRead || !content.namesGpu() || !content.isComplete()) {
            return null;
        }
        MetricEvent event = content.event();
        return reasons == null || EventValues.reasons(event).equals(reasons) ? event : null;
    }

    /** Reads the members of an object up to its end, and returns whether they are usual. */
    private boolean readMembers(EventContent content, MemberName first) {
        if (json.take('}')) {
            return true;
        }
        MemberName expected = first;
        do {
            MemberName name = json.name(expected);
            if (name == null || !readMember(content, name)) {
                return false;
            }
            expected = name.next();
        } while (json.take(','));
        return json.take('}');
    }

    private boolean readMember(EventContent content, MemberName name) {
        EventMember member = name.member();
        if (member instanceof Reading reading) {
            return content.isFirst(reading) && readReading(content, reading);
        }
        if (member instanceof Field field) {
            return content.isFirst(field.field()) && readField(content, field.field());
        }
        return !content.has(member.path()) && (json.takeNull() || readSection(content, name));
    }

    private boolean readSection(EventContent content, MemberName name) {
        if (!json.take('{')) {
            return false;
        }
        content.add(name.member().path());
        return readMembers(content, name.inner());
    }

    private boolean readReading(EventContent content, Reading reading) {
        if (json.takeNull()) {
            return true;
        }
        if (!json.number()) {
            return false;
        }
        if (json.isWhole()) {
            content.take(reading, json.whole());
            return true;
        }
        return content.take(reading, json.decimal());
    }

    private boolean readField(EventContent content, EventField field) {
        if (json.takeNull()) {
            return true;
        }
        Object value = value(field.kind());
        if (field == EventField.THROTTLE_REASONS) {
            reasons = value;
        } else if (value != null) {
            content.take(field, value);
        }
        return value != null;
    }

    /** Returns a value of a kind, nothing if it is another one, or not plain. */
    private @Nullable Object value(Kind kind) {
        return switch (kind) {
            case TEXT, CODE -> text();
            case TIME -> of(text(), EventText::time);
            case DATE -> of(text(), EventText::date);
            case INTEGER -> json.number() && json.isWhole() ? EventText.integer(json.whole()) : null;
            case LONG -> json.number() && json.isWhole() ? (Long) json.whole() : null;
            case NUMBER -> json.number() ? EventText.finite(json.isWhole() ? json.whole() : json.decimal()) : null;
            case FLAG -> json.flag();
            case TEXTS -> texts();
            case TAGS -> tags();
        };
    }

    private static @Nullable Object of(@Nullable String text, Function<String, @Nullable Object> value) {
        return text == null ? null : value.apply(text);
    }

    private @Nullable String text() {
        return json.text(limits.labelBytes());
    }

    private @Nullable List<String> texts() {
        List<String> texts = new ArrayList<>();
        if (!json.take('[')) {
            return null;
        }
        if (json.take(']')) {
            return texts;
        }
        do {
            String text = text();
            if (text == null) {
                return null;
            }
            texts.add(text);
        } while (json.take(','));
        return json.take(']') ? texts : null;
    }

    private @Nullable Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        if (!json.take('{')) {
            return null;
        }
        if (json.take('}')) {
            return tags;
        }
        do {
            String name = json.text(LONGEST_TAG);
            String text = name != null && json.take(':') ? text() : null;
            if (name == null || text == null || tags.put(name, text) != null) {
                return null;
            }
        } while (json.take(','));
        return json.take('}') ? tags : null;
    }
}

package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.codec.EventMember.Field;
import io.gpufleet.telemetry.codec.EventMember.Reading;
import io.gpufleet.telemetry.codec.EventMember.Section;
import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.gpu.MetricEvent.Fault;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A writer of one metric event as JSON. Used once, by one thread. */
final class EventWriter {
    private static final int USUAL_LENGTH = 2048;

    private final MetricEvent event;
    private final EventValues values;
    private final Set<String> faulty;
    private final Unknown unknown = new Unknown();
    private final JsonText json = new JsonText(USUAL_LENGTH);

    /** The members that the SDK does not know: those of an object, and the objects in it. */
    private static final class Unknown {
        private final Map<String, String> members = new LinkedHashMap<>();
        private final Map<String, Unknown> objects = new LinkedHashMap<>();
    }

    EventWriter(MetricEvent event) {
        this.event = event;
        this.values = EventValues.of(event);
        this.faulty = event.faults().isEmpty()
                ? Set.of()
                : event.faults().stream().map(Fault::field).collect(Collectors.toSet());
        event.unknown().forEach(this::addUnknown);
    }

    private void addUnknown(String path, String value) {
        Unknown object = unknown;
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < path.length(); i++) {
            char letter = path.charAt(i);
            if (letter == '.') {
                object = object.objects.computeIfAbsent(name.toString(), inner -> new Unknown());
                name.setLength(0);
            } else {
                boolean isEscape = letter == '\\' && i + 1 < path.length();
                name.append(isEscape ? path.charAt(++i) : letter);
            }
        }
        object.members.put(name.toString(), value);
    }

    /** Returns the JSON. */
    byte[] write() {
        writeSection(EventMember.event(), unknown);
        return json.bytes();
    }

    private void writeSection(Section section, Unknown more) {
        json.begin('{');
        Set<String> written = more.members.isEmpty() && more.objects.isEmpty() ? Set.of() : new HashSet<>();
        section.members().forEach((name, member) -> {
            if ((writeMember(name, member, more) || writeKept(member, more.members.get(name)))
                    && written instanceof HashSet<String> names) {
                names.add(name);
            }
        });
        writeUnknown(more, written);
        json.end('}');
    }

    private boolean writeMember(String name, EventMember member, Unknown more) {
        if (member instanceof Reading reading) {
            return writeReading(reading);
        }
        if (member instanceof Field field) {
            return writeField(field, more.members.containsKey(name));
        }
        return member instanceof Section section
                && writeSectionIfAny(section, more.objects.getOrDefault(name, new Unknown()));
    }

    /** Writes a member of another kind, as it came. */
    private boolean writeKept(EventMember member, @Nullable String value) {
        if (value == null) {
            return false;
        }
        json.raw(member.quoted()).literal(value);
        return true;
    }

    private boolean writeReading(Reading reading) {
        return reading.whole() ? writeCount(reading, reading.reading()) : writeValue(reading, reading.reading());
    }

    private boolean writeCount(Reading member, GpuReading reading) {
        OptionalLong count = event.count(reading);
        count.ifPresent(number -> json.raw(member.quoted()).number(number));
        return count.isPresent();
    }

    private boolean writeValue(Reading member, GpuReading reading) {
        OptionalDouble value = event.value(reading);
        value.ifPresent(number -> json.raw(member.quoted()).number(number));
        return value.isPresent();
    }

    /** Writes a member, but not the decoded reasons if others came with the event. */
    private boolean writeField(Field field, boolean isKept) {
        Object value = values.get(field.field());
        if (value == null || (isKept && field.field() == EventField.THROTTLE_REASONS)) {
            return false;
        }
        json.raw(field.quoted()).value(value);
        return true;
    }

    private boolean writeSectionIfAny(Section section, Unknown more) {
        boolean isNeeded = EventContent.REQUIRED.contains(section.path()) && !faulty.contains(section.path());
        if (!isNeeded && !hasAny(section) && more.members.isEmpty() && more.objects.isEmpty()) {
            return false;
        }
        json.raw(section.quoted());
        writeSection(section, more);
        return true;
    }

    private boolean hasAny(Section section) {
        for (EventMember member : section.members().values()) {
            boolean has = (member instanceof Reading reading && event.has(reading.reading()))
                    || (member instanceof Field field && values.get(field.field()) != null)
                    || (member instanceof Section inner && hasAny(inner));
            if (has) {
                return true;
            }
        }
        return false;
    }

    private void writeUnknown(Unknown more, Set<String> written) {
        more.members.forEach((name, value) -> {
            if (!written.contains(name)) {
                json.name(name).literal(value);
            }
        });
        more.objects.forEach((name, object) -> {
            if (!written.contains(name) && !more.members.containsKey(name)) {
                json.name(name).begin('{');
                writeUnknown(object, Set.of());
                json.end('}');
            }
        });
    }
}

package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.gpu.GpuReading;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A member of a metric event that the SDK knows. Immutable. */
sealed interface EventMember {

    /** Returns the place in the JSON: names from the outside in, with dots between. */
    String path();

    /** Returns the name as JSON, with a colon. */
    String quoted();

    /**
     * A member with a value.
     *
     * @param path its place
     * @param quoted its name as JSON, with a colon
     * @param field what it is
     */
    record Field(String path, String quoted, EventField field) implements EventMember {}

    /**
     * A reading.
     *
     * @param path its place
     * @param quoted its name as JSON, with a colon
     * @param reading what it is
     * @param whole whether it is a whole number
     */
    record Reading(String path, String quoted, GpuReading reading, boolean whole) implements EventMember {}

    /**
     * An object of members.
     *
     * @param path its place, empty for the event itself
     * @param quoted its name as JSON, with a colon
     * @param members its members by name, in the order of the JSON
     */
    record Section(String path, String quoted, Map<String, EventMember> members) implements EventMember {

        @Nullable
        EventMember member(String name) {
            return members.get(name);
        }

        /** Returns the place of a member, whose name may have dots. */
        String pathOf(String name) {
            String plain = name.indexOf('.') < 0 && name.indexOf('\\') < 0
                    ? name
                    : name.replace("\\", "\\\\").replace(".", "\\.");
            return path.isEmpty() ? plain : path + '.' + plain;
        }
    }

    /** Returns the whole event. */
    static Section event() {
        return Tree.EVENT;
    }

    /** The tree of all members. */
    final class Tree {
        private static final Section EVENT = new Section("", "", new LinkedHashMap<>());

        static {
            for (EventField field : EventField.values()) {
                if (field == EventField.THROTTLE_REASONS) {
                    addReadings();
                }
                add(new Field(field.path(), quoted(field.path()), field));
            }
        }

        private Tree() {}

        private static void addReadings() {
            for (GpuReading reading : GpuReading.values()) {
                add(new Reading(reading.path(), quoted(reading.path()), reading, reading.isWhole()));
            }
        }

        private static void add(EventMember member) {
            int end = member.path().lastIndexOf('.');
            section(end < 0 ? "" : member.path().substring(0, end))
                    .members()
                    .put(member.path().substring(end + 1), member);
        }

        private static Section section(String path) {
            if (path.isEmpty()) {
                return EVENT;
            }
            int end = path.lastIndexOf('.');
            Section parent = section(end < 0 ? "" : path.substring(0, end));
            return (Section) parent.members()
                    .computeIfAbsent(
                            path.substring(end + 1), name -> new Section(path, quoted(path), new LinkedHashMap<>()));
        }

        private static String quoted(String path) {
            return '"' + path.substring(path.lastIndexOf('.') + 1) + "\":";
        }
    }
}

package io.gpufleet.telemetry.kafka.producer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.gpu.Readings;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A search for the GPU in the labels of an exposition line. It answers only for a label set that is readable to its
 * closing brace: in an unreadable one, a UUID may be a part of another label. Not thread-safe.
 *
 * <pre>{@code
 * name [ws] '{' label { ',' label } [ ',' ] '}'      label = name '=' '"' { character | '\' character } '"'
 * }</pre>
 */
final class LabelScan {
    /** The labels that hold a UUID, in the order of trust. */
    private static final List<byte[]> UUID_LABELS = List.of(
            "UUID".getBytes(UTF_8), "uuid".getBytes(UTF_8), "gpu_uuid".getBytes(UTF_8), "GPU_UUID".getBytes(UTF_8));

    private final byte[] text;
    private final @Nullable String[] found = new @Nullable String[UUID_LABELS.size()];
    private int at;
    private int end;

    LabelScan(byte[] text) {
        this.text = text;
    }

    /** Returns the end of the metric's name that begins at a place. */
    int nameEnd(int from, int to) {
        int place = from;
        while (place < to && !isBlank(text[place]) && text[place] != '{') {
            place++;
        }
        return place;
    }

    /** Returns the UUID in a line's labels; absent if they have none or cannot be read. */
    Optional<String> uuid(int from, int to) {
        at = nameEnd(from, to);
        end = to;
        Arrays.fill(found, null);
        skipBlanks();
        if (!takes('{')) {
            return Optional.empty();
        }
        while (!takes('}')) {
            if (!readLabel()) {
                return Optional.empty();
            }
        }
        return Arrays.stream(found)
                .filter(value -> value != null && !value.isBlank() && !Readings.isAbsent(value))
                .findFirst();
    }

    /** Reads a label and the comma behind it; returns false if there is none. */
    private boolean readLabel() {
        int from = at;
        while (at < end && isPartOfName(text[at])) {
            at++;
        }
        int to = at;
        if (from == to || !takes('=') || !takes('"')) {
            return false;
        }
        int valueFrom = at;
        while (at < end && text[at] != '"') {
            at += text[at] == '\\' ? 2 : 1;
        }
        if (at >= end) {
            return false;
        }
        keep(from, to, valueFrom, at++);
        return takes(',') || isAt('}');
    }

    private void keep(int from, int to, int valueFrom, int valueTo) {
        for (int i = 0; i < found.length; i++) {
            byte[] name = UUID_LABELS.get(i);
            if (Arrays.equals(text, from, to, name, 0, name.length)) {
                found[i] = unescaped(new String(text, valueFrom, valueTo - valueFrom, UTF_8));
            }
        }
    }

    private static String unescaped(String value) {
        StringBuilder plain = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char next = value.charAt(i);
            boolean escapes = next == '\\' && i + 1 < value.length() && "\\\"n".indexOf(value.charAt(i + 1)) >= 0;
            if (escapes) {
                next = value.charAt(++i);
                plain.append(next == 'n' ? '\n' : next);
            } else {
                plain.append(next);
            }
        }
        return plain.toString();
    }

    private static boolean isPartOfName(byte character) {
        return character == '_' || (character > 0 && Character.isLetterOrDigit(character));
    }

    /** Moves over a character and the blanks around it, if it is the next one. */
    private boolean takes(char character) {
        if (!isAt(character)) {
            return false;
        }
        at++;
        // The blanks of a value are its own.
        if (character != '"') {
            skipBlanks();
        }
        return true;
    }

    private boolean isAt(char character) {
        skipBlanks();
        return at < end && text[at] == character;
    }

    private void skipBlanks() {
        while (at < end && isBlank(text[at])) {
            at++;
        }
    }

    static boolean isBlank(byte character) {
        return character == ' ' || character == '\t';
    }
}

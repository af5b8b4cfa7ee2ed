package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.HexDump;
import io.gpufleet.telemetry.examples.terminal.ReadableText;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.examples.terminal.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The whole dead letter, for people and for programs. Not thread-safe. */
final class DeadLetterSheet {
    private static final List<Column> COLUMNS = List.of(
            Column.number("id"),
            Column.text("group"),
            Column.text("topic"),
            Column.text("topic id"),
            Column.number("partition"),
            Column.number("offset"),
            Column.text("stage"),
            Column.instant("record time"),
            Column.instant("set aside at"),
            Column.instant("replayed at"));

    private static final int STAGE = 6;

    private static final String PARTIAL =
            "Refused lines of the value, which the reasons count from the beginning of the whole value";

    private final Table letter = new Table("Dead letter", COLUMNS);
    private final Table reasons = new Table("Reasons", List.of(Column.text("reason")));
    private final Table headers = new Table("Headers", List.of(Column.text("name"), Column.text("value")));
    private final List<Map<String, @Nullable Object>> headerFields = new ArrayList<>();
    private final boolean isPartial;
    private final byte @Nullable [] key;
    private final byte @Nullable [] value;

    /**
     * Splits a row.
     *
     * @param row the values of {@link #COLUMNS}, then the reasons, the names and the values of headers, key, and value
     */
    DeadLetterSheet(List<@Nullable Object> row) {
        letter.add(row.subList(0, COLUMNS.size()));
        isPartial = "sample".equals(row.get(STAGE));
        List<@Nullable Object> rest = row.subList(COLUMNS.size(), row.size());
        list(rest.get(0)).forEach(reason -> reasons.add(List.of(reason)));
        List<?> values = list(rest.get(2));
        list(rest.get(1)).forEach(name -> addHeader(name, (byte[]) values.get(headers.size())));
        key = (byte[]) rest.get(3);
        value = (byte[]) rest.get(4);
    }

    /** Adds a header for people: a text in quotation marks, else in hexadecimal. */
    private void addHeader(Object name, byte @Nullable [] bytes) {
        Optional<String> text = text(bytes);
        headers.add(Arrays.asList(name, text.isPresent() ? '"' + Text.onOneLine(text.get()) + '"' : hex(bytes)));
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("name", name);
        fields.put("value", hex(bytes));
        fields.put("text", text.orElse(null));
        headerFields.add(fields);
    }

    private static Optional<String> text(byte @Nullable [] bytes) {
        return bytes == null ? Optional.empty() : ReadableText.of(bytes);
    }

    private static List<?> list(@Nullable Object value) {
        return (List<?>) requireNonNull(value, "value");
    }

    private static @Nullable String hex(byte @Nullable [] bytes) {
        return bytes == null ? null : HexFormat.of().formatHex(bytes);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>(letter.uprightLines());
        lines.addAll(reasons.lines());
        lines.addAll(headers.lines());
        lines.addAll(content("Key", key));
        lines.addAll(content(isPartial ? PARTIAL : "Value", value));
        lines.addAll(heartbeat().map(HeartbeatSheet::lines).orElseGet(this::noHeartbeat));
        return lines;
    }

    /** Returns nothing for a text, as which the forms of GPU samples are shown. */
    private List<String> noHeartbeat() {
        return text(value).isPresent() ? List.of() : List.of("Heartbeat", "  the value does not decode as a heartbeat");
    }

    private static List<String> content(String what, byte @Nullable [] bytes) {
        return text(bytes).map(text -> read(what, text)).orElseGet(() -> dump(what, bytes));
    }

    private static List<String> read(String what, String text) {
        List<String> lines = new ArrayList<>(List.of(what + ", as text"));
        text.lines().forEach(line -> lines.add("  " + Text.onOneLine(line)));
        return lines;
    }

    private static List<String> dump(String what, byte @Nullable [] bytes) {
        if (bytes == null) {
            return List.of(what, "  none");
        }
        List<String> lines = new ArrayList<>(List.of(what + ", " + bytes.length + " bytes"));
        HexDump.lines(bytes).forEach(line -> lines.add("  " + line));
        return lines;
    }

    private Optional<HeartbeatSheet> heartbeat() {
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new HeartbeatSheet(BincodeHeartbeatCodec.fixed().decode(value)));
        } catch (CodecException e) {
            return Optional.empty();
        }
    }

    /** Returns the fields for programs, with bytes in hexadecimal. */
    Map<String, @Nullable Object> fields() {
        Map<String, @Nullable Object> fields =
                new LinkedHashMap<>(letter.records().get(0));
        fields.put(
                "reasons",
                reasons.records().stream().map(row -> row.get("reason")).toList());
        fields.put("headers", headerFields);
        fields.put("key", hex(key));
        fields.put("value", hex(value));
        fields.put("value_text", text(value).orElse(null));
        fields.put("heartbeat", heartbeat().map(HeartbeatSheet::fields).orElse(null));
        return fields;
    }
}

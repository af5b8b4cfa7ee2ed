package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.codec.EventMember.Field;
import io.gpufleet.telemetry.codec.EventMember.Reading;
import io.gpufleet.telemetry.codec.EventMember.Section;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/** Metric events as senders write them, with members that are faulty, and with damaged bytes. Not thread-safe. */
final class GeneratedEvents {
    private static final Set<String> NEEDED = Set.of(
            "gpu",
            "gpu.gpu_uuid",
            "host",
            "metrics",
            "metrics.health",
            "metrics.memory",
            "metrics.performance",
            "metrics.clocks",
            "timestamp");
    private static final List<String> BLANKS = List.of(" ", "\n  ", "\t", "\r\n", "\f");
    private static final List<String> NUMBERS = List.of(
            "0",
            "1",
            "41",
            "0.5",
            "-0",
            "-0.0",
            "-1",
            "12.0",
            "1e3",
            "1E-2",
            "25.75",
            "5e-324",
            "1.5e400",
            "2147483634",
            "4294967296",
            "140737488355328.0",
            "9007199254740993",
            "9007199254740993.0",
            "1177.3757848739624",
            "0.30000000000000004",
            "123456789.123456789",
            "9223372036854775794",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "18446744073709551617",
            "123456789012345678901",
            "9.223372036854776e18",
            "0.1000000000000000055511151231257827",
            "0.00000000000000000000000000001");
    private static final List<String> TEXTS = List.of(
            "\"GPU-5f8a6d3e\"",
            "\"n1\"",
            "\"Z\u00fcrich\"",
            "\"\ud83d\ude00\"",
            "\"\u007f\"",
            "\"\"",
            "\" \"",
            "\"\ufffd\"",
            "\"\\u0041\"",
            "\"a\\\"b\"",
            "\"a\tb\"");
    private static final List<String> TIMES = List.of(
            "\"2026-03-01T12:00:00Z\"",
            "\"2026-03-01T12:00:00.123456789Z\"",
            "\"2024-02-29 23:59:59,5+01:30\"",
            "\"2026-02-29T12:00:00Z\"",
            "\" 2026-03-01t12:00:00z \"",
            "\"2026-03-01T12:00:00\"",
            "\"now\"");
    private static final List<String> DATES =
            List.of("\"2026-03-01\"", "\"2024-02-29\"", "\"-999999999-01-01\"", "\"2026-02-30\"", "\"soon\"");
    private static final List<String> LISTS =
            List.of("[]", "[\"late\"]", "[ \"a\" , \"b\" ]", "[\"GPU_IDLE\"]", "[1]", "[\"a\",]");
    private static final List<String> TAGS =
            List.of("{}", "{\"team\":\"ml\"}", "{\"a\":\"1\", \"b\":\"2\"}", "{\"a\":1}", "{\"a\":\"\",\"a\":\"\"}");
    private static final List<String> OTHERS = List.of(
            "null", "true", "false", "[]", "{}", "\"7\"", "7", "01", "1.", ".5", "+1", "1e", "-", "NaN", "nul", "[{}]");
    private static final int USUAL = 3;
    private static final String CHARACTERS = "{}[]\",:\\0123456789-+.eE nulltruefals\u0000\n";

    private final IntUnaryOperator choice;
    private StringBuilder text = new StringBuilder();

    /**
     * Creates a generator.
     *
     * @param choice returns a number below the one it is given; the larger it is, the more usual is the event
     */
    GeneratedEvents(IntUnaryOperator choice) {
        this.choice = choice;
    }

    /** Returns an event, or an array of some, in most cases without damage. */
    byte[] next() {
        byte[] json = message().getBytes(UTF_8);
        for (int times = 2 - pick(5); times > 0; times--) {
            json = damaged(json);
        }
        return json;
    }

    private String message() {
        if (pick(4) > 0) {
            return event();
        }
        String batch = '[' + event();
        for (int more = pick(3); more > 0; more--) {
            batch += (rarely() ? "7," : ",") + event();
        }
        return batch + ']';
    }

    private String event() {
        text = new StringBuilder();
        blank();
        write(EventMember.event());
        blank();
        return text.toString();
    }

    private void write(Section section) {
        text.append('{');
        boolean comma = false;
        for (Map.Entry<String, EventMember> member : section.members().entrySet()) {
            int times = times(member.getValue());
            for (; times > 0; times--) {
                text.append(comma ? "," : "");
                blank();
                write(member.getValue());
                blank();
                comma = true;
            }
        }
        if (rarely()) {
            text.append(comma ? "," : "").append("\"new\":").append(of(OTHERS));
        }
        text.append('}');
    }

    private int times(EventMember member) {
        if (pick(2048) == 0) {
            return 2;
        }
        boolean isWanted = NEEDED.contains(member.path()) || (member instanceof Section && pick(3) > 0);
        return isWanted || pick(8) == 0 ? 1 : 0;
    }

    private void write(EventMember member) {
        text.append(member.quoted());
        blank();
        if (rarely()) {
            text.append(of(OTHERS));
        } else if (member instanceof Section section) {
            write(section);
        } else {
            text.append(member instanceof Field field ? value(field.field()) : number(isWhole(member)));
        }
    }

    private static boolean isWhole(EventMember member) {
        return member instanceof Reading reading && reading.whole();
    }

    private String value(EventField field) {
        boolean isNeeded = field == EventField.GPU_UUID || field == EventField.TIMESTAMP;
        List<String> values = switch (field.kind()) {
            case TEXT, CODE -> TEXTS;
            case TIME -> TIMES;
            case DATE -> DATES;
            case INTEGER, LONG, NUMBER -> NUMBERS;
            case FLAG -> List.of("true", "false");
            case TEXTS -> LISTS;
            case TAGS -> TAGS;
        };
        // The first values are usual.
        int first = isNeeded ? 1 : USUAL;
        return values.get(pick(32) == 0 ? pick(values.size()) : Math.min(values.size() - 1, pick(first)));
    }

    private String number(boolean whole) {
        if (pick(32) == 0) {
            return of(NUMBERS);
        }
        return whole || pick(2) == 0 ? "" + pick(100_000) : pick(1000) + "." + pick(100_000);
    }

    private void blank() {
        if (rarely()) {
            text.append(of(BLANKS));
        }
    }

    private byte[] damaged(byte[] json) {
        int at = pick(json.length + 1);
        int to = Math.min(json.length, at + pick(8));
        return switch (pick(5)) {
            case 0 -> Arrays.copyOf(json, at);
            case 1 -> spliced(json, at, to, new byte[0]);
            case 2 -> spliced(json, at, at, Arrays.copyOfRange(json, at, Math.min(json.length, at + pick(64))));
            case 3 -> spliced(json, at, Math.min(json.length, at + 1), new byte[] {(byte) pick(256)});
            default ->
                spliced(json, at, pick(2) == 0 ? at : to, new byte[] {
                    (byte) CHARACTERS.charAt(pick(CHARACTERS.length()))
                });
        };
    }

    private static byte[] spliced(byte[] json, int from, int to, byte[] other) {
        byte[] whole = Arrays.copyOf(json, from + other.length + json.length - to);
        System.arraycopy(other, 0, whole, from, other.length);
        System.arraycopy(json, to, whole, from + other.length, json.length - to);
        return whole;
    }

    private boolean rarely() {
        return pick(256) == 0;
    }

    private String of(List<String> texts) {
        return texts.get(pick(texts.size()));
    }

    private int pick(int bound) {
        return choice.applyAsInt(bound);
    }
}

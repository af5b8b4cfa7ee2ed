package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Token;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A line of line protocol, read from left to right: its series, that is its measurement with its tags, then its fields
 * one by one, then its time. Used by one thread at a time.
 *
 * <pre>{@code
 * line    = measurement { ',' tag '=' value } ' ' field '=' value { ',' field '=' value } [ ' ' time ]
 * escapes = '\,' '\ ' in measurements; '\,' '\=' '\ ' in tags and names of fields; '\"' '\\' in texts
 * }</pre>
 */
final class LineProtocolLine {
    private static final Set<String> FLAGS =
            Set.of("t", "T", "true", "True", "TRUE", "f", "F", "false", "False", "FALSE");
    private static final Token NONE = new Token(0, 0);

    private byte[] text = {};
    private int at;
    private int end;
    private Token series = NONE;
    private String field = "";
    private Token value = NONE;

    /**
     * Begins a line, and reads up to its fields.
     *
     * @throws CodecException if it has none
     */
    void begin(byte[] line, int from, int to) {
        text = line;
        at = from;
        end = to;
        skipBlanks();
        int first = at;
        moveTo(" ");
        series = new Token(first, at);
        skipBlanks();
        if (series.isEmpty() || at == end) {
            throw refuse("no field; a line is: measurement,tag=value field=value time");
        }
    }

    /** Returns where the series stands. */
    Token series() {
        return series;
    }

    /** Returns the measurement. */
    String measurement() {
        return unescaped(series.from(), endOf(series.from(), series.to(), ","), ", ");
    }

    /**
     * Returns the tags in their order.
     *
     * @throws CodecException if one has no value, or stands twice
     */
    Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        int next = endOf(series.from(), series.to(), ",");
        while (next < series.to()) {
            int name = next + 1;
            int equals = endOf(name, series.to(), "=,");
            next = endOf(equals, series.to(), ",");
            String tag = unescaped(name, equals, ",= ");
            if (equals == next) {
                throw refuse("tag " + Quotation.of(tag) + " has no value");
            }
            if (tags.put(tag, unescaped(equals + 1, next, ",= ")) != null) {
                throw refuse("tag " + Quotation.of(tag) + " stands twice");
            }
        }
        return tags;
    }

    /**
     * Reads the next field.
     *
     * @return false behind the last one
     * @throws CodecException if it cannot be read
     */
    boolean nextField() {
        if (!value.equals(NONE) && !isNext(',')) {
            return false;
        }
        at += value.equals(NONE) ? 0 : 1;
        int first = at;
        moveTo("=, ");
        field = unescaped(first, at, ",= ");
        if (!isNext('=')) {
            throw refuse("field " + Quotation.of(field) + " has no value");
        }
        at++;
        int from = at;
        if (isNext('"')) {
            skipText();
        } else {
            moveTo(", ");
        }
        value = new Token(from, at);
        return true;
    }

    /** Returns the name of the field. */
    String field() {
        return field;
    }

    /** Returns where the value of the field stands. */
    Token value() {
        return value;
    }

    /** Returns the value of the field as it stands. */
    String valueText() {
        return text(value);
    }

    /**
     * Reads the value of the field as a number: {@code 71}, {@code 71.0}, {@code 7.1e1}, {@code 71i}, {@code 71u}.
     *
     * @return whether it is one
     */
    boolean isNumber(NumberReader number) {
        int last = value.to() - 1;
        boolean isInteger = last > value.from()
                && (text[last] == 'i' || text[last] == 'u')
                && text[last - 1] >= '0'
                && text[last - 1] <= '9';
        return isInteger
                ? number.read(text, value.from(), last) && !number.isDecimal()
                : number.read(text, value.from(), value.to());
    }

    /** Returns whether the value of the field is a text in quotation marks. */
    boolean isText() {
        return !value.isEmpty() && text[value.from()] == '"';
    }

    /**
     * Returns the time behind the last field; empty if there is none.
     *
     * @throws CodecException if something else stands there
     */
    String time() {
        skipBlanks();
        int first = at;
        moveTo(" ");
        String time = text(new Token(first, at));
        skipBlanks();
        if (at < end) {
            throw refuse("text behind the time");
        }
        return time;
    }

    /** Returns whether a line is one of line protocol, and surely of nothing else. */
    boolean isOne(byte[] line, int from, int to, NumberReader number) {
        try {
            forget();
            begin(line, from, to);
            tags();
            boolean isOne = text(series).indexOf('{') < 0;
            while (isOne && nextField()) {
                isOne = isText() || FLAGS.contains(valueText()) || isNumber(number);
            }
            return isOne && time().chars().allMatch(character -> character == '-' || Character.isDigit(character));
        } catch (CodecException other) {
            return false;
        }
    }

    /** Forgets the field of the line before. */
    void forget() {
        value = NONE;
    }

    private void skipText() {
        int first = at++;
        while (at < end && text[at] != '"') {
            at += text[at] == '\\' && at + 1 < end ? 2 : 1;
        }
        if (at >= end) {
            at = end;
            throw refuse("text " + Quotation.of(text(new Token(first, end))) + " is never closed");
        }
        at++;
    }

    private void skipBlanks() {
        while (at < end && text[at] == ' ') {
            at++;
        }
    }

    private void moveTo(String ends) {
        at = endOf(at, end, ends);
    }

    /** Returns where one of some characters stands without a backslash before it. */
    private int endOf(int from, int to, String ends) {
        int next = from;
        while (next < to && ends.indexOf(text[next]) < 0) {
            next += text[next] == '\\' && next + 1 < to ? 2 : 1;
        }
        return Math.min(next, to);
    }

    private boolean isNext(char character) {
        return at < end && text[at] == character;
    }

    private String text(Token token) {
        return new String(text, token.from(), token.to() - token.from(), UTF_8);
    }

    /** Returns a text without the backslashes before some characters; others stand for themselves. */
    private String unescaped(int from, int to, String escaped) {
        String raw = text(new Token(from, to));
        if (raw.indexOf('\\') < 0) {
            return raw;
        }
        StringBuilder plain = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            boolean isEscape = raw.charAt(i) == '\\' && i + 1 < raw.length() && escaped.indexOf(raw.charAt(i + 1)) >= 0;
            plain.append(raw.charAt(isEscape ? ++i : i));
        }
        return plain.toString();
    }

    private static CodecException refuse(String reason) {
        return new CodecException(reason, 0);
    }
}

package io.gpufleet.telemetry.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;

/**
 * The texts in quotation marks of line protocol, in which a line may break: a quotation mark opens one directly behind
 * the name of a field, and nowhere else. Not thread-safe.
 *
 * <pre>{@code
 * gpu,host=n1 note="one \"line\"
 * and another",temp=41i 1772366400250000000
 * }</pre>
 */
public final class LineProtocolText {
    /** The statements that an export begins with. */
    private static final byte[] STATEMENT = "CREATE ".getBytes(US_ASCII);

    private enum Place {
        SERIES,
        FIELD,
        VALUE_BEGIN,
        VALUE,
        TEXT,
        TEXT_END,
        REST
    }

    private Place place = Place.SERIES;
    private boolean isEmpty = true;
    private boolean isEscaped;
    private boolean isBroken;

    /** Returns whether a line is a comment, or a statement of an export's head. */
    public static boolean isComment(byte[] text, int from, int to) {
        int end = from + STATEMENT.length;
        return text[from] == '#' || (to > end && Arrays.equals(text, from, end, STATEMENT, 0, STATEMENT.length));
    }

    /** Returns the index behind a line's last byte: of the line feed that ends it, or of the end of all. */
    public static int endOfLine(byte[] text, int from, int end, int mostBytes) {
        LineProtocolText line = new LineProtocolText();
        int feed = -1;
        int last = Math.min(end, from + mostBytes);
        for (int at = from; at < last && !line.isBroken; at++) {
            line.read(text[at]);
            if (text[at] == '\n') {
                feed = feed < 0 ? at : feed;
                if (!line.isOpen()) {
                    return line.isBroken ? feed : at;
                }
            }
        }
        boolean isWhole = last == end && !line.isOpen() && !line.isBroken;
        return feed < 0 || isWhole ? nextFeed(text, last, end) : feed;
    }

    private static int nextFeed(byte[] text, int from, int end) {
        int at = from;
        while (at < end && text[at] != '\n') {
            at++;
        }
        return at;
    }

    /** Begins a line. */
    public void begin() {
        place = Place.SERIES;
        isEmpty = true;
        isEscaped = false;
        isBroken = false;
    }

    /** Reads the next byte of the line; its end ends nothing but a line without an open text. */
    public void read(byte character) {
        if (isEscaped) {
            isEscaped = false;
        } else if (character == '\\' && place != Place.REST) {
            isEscaped = true;
        } else {
            place = next(character);
        }
        isEmpty &= character == ' ';
    }

    private Place next(byte character) {
        return switch (place) {
            case SERIES -> ofSeries(character);
            case FIELD -> ofField(character);
            case VALUE_BEGIN -> character == '"' ? Place.TEXT : behindValue(character, Place.VALUE);
            case VALUE -> behindValue(character, Place.VALUE);
            case TEXT -> character == '"' ? Place.TEXT_END : Place.TEXT;
            case TEXT_END -> behindText(character);
            case REST -> Place.REST;
        };
    }

    private Place ofSeries(byte character) {
        if (isEmpty) {
            return character == '#' ? Place.REST : Place.SERIES;
        }
        if (character != ' ') {
            return Place.SERIES;
        }
        isEmpty = true;
        return Place.FIELD;
    }

    private Place ofField(byte character) {
        if (character == '=') {
            return Place.VALUE_BEGIN;
        }
        return character == ',' || (character == ' ' && !isEmpty) ? Place.REST : Place.FIELD;
    }

    private Place behindValue(byte character, Place other) {
        if (character == ',') {
            return Place.FIELD;
        }
        return character == ' ' ? Place.REST : other;
    }

    private Place behindText(byte character) {
        isBroken = ", \r\n".indexOf(character) < 0;
        return behindValue(character, Place.REST);
    }

    /** Returns whether the bytes so far end in a text that is not closed. */
    public boolean isOpen() {
        return place == Place.TEXT;
    }

    /** Returns whether the next byte may be one of a text, or is to show whether a quotation mark has closed it. */
    public boolean isInText() {
        return place == Place.TEXT || place == Place.TEXT_END;
    }

    /** Returns whether a quotation mark has closed a text where none can end: it rather begins another one. */
    public boolean isBroken() {
        return isBroken;
    }
}

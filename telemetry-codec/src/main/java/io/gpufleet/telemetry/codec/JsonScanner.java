package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A reader of plain tokens of JSON, straight from the bytes: what it takes is JSON, but it does not take all of JSON.
 * It leaves texts with escapes, whole numbers of more than 64 bits and decimals of more than 32 characters. A method
 * that takes nothing does not move behind anything but blanks. Not thread-safe.
 */
final class JsonScanner {
    private static final byte[] NULL = {'n', 'u', 'l', 'l'};
    private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
    private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};
    private static final char REPLACEMENT = '\ufffd';
    private static final int MOST_DIGITS = 19;
    private static final int LONGEST_DECIMAL = 32;

    private final byte[] json;
    private final int end;
    private final NumberReader decimals = new NumberReader();
    private int at;
    private long digits;
    private long whole;
    private double decimal;
    private boolean isWhole;

    JsonScanner(byte[] json, int from, int to) {
        this.json = json;
        this.at = from;
        this.end = to;
    }

    /** Returns the index behind what has been taken. */
    int at() {
        return at;
    }

    /** Moves behind blanks, and returns the index there. */
    int begin() {
        next();
        return at;
    }

    /** Moves behind blanks, and returns whether nothing follows. */
    boolean isAtEnd() {
        return next() < 0 && at == end;
    }

    /** Takes a bracket, a comma or a colon, if it comes next. */
    boolean take(char character) {
        if (next() != character) {
            return false;
        }
        at++;
        return true;
    }

    /** Takes null, if it comes next. */
    boolean takeNull() {
        return next() == 'n' && take(NULL);
    }

    /** Takes true or false, if one of them comes next. */
    @Nullable
    Boolean flag() {
        int first = next();
        if (first == 't' && take(TRUE)) {
            return true;
        }
        return (first == 'f' && take(FALSE)) ? Boolean.FALSE : null;
    }

    private boolean take(byte[] word) {
        int behind = at + word.length;
        if (behind > end || !Arrays.equals(json, at, behind, word, 0, word.length)) {
            return false;
        }
        at = behind;
        return true;
    }

    /** Takes a name with its colon, if it is one of an object and no blank stands between. */
    @Nullable
    MemberName name(MemberName expected) {
        MemberName found = next() == '"' ? expected.find(json, at, end) : null;
        if (found != null) {
            at += found.length();
        }
        return found;
    }

    /** Takes a text, if it is plain UTF-8 of so many bytes at most. */
    @Nullable
    String text(int most) {
        if (next() != '"') {
            return null;
        }
        int from = at + 1;
        int to = from;
        int bits = 0;
        while (to < end && json[to] != '"' && json[to] != '\\' && (json[to] >= ' ' || json[to] < 0)) {
            bits |= json[to++];
        }
        if (to == end || json[to] != '"' || to - from > most) {
            return null;
        }
        String text = new String(json, from, to - from, UTF_8);
        if (bits < 0 && text.indexOf(REPLACEMENT) >= 0) {
            return null;
        }
        at = to + 1;
        return text;
    }

    /** Takes a number, and returns whether one comes next; then it is {@link #whole} or {@link #decimal}. */
    boolean number() {
        boolean negative = next() == '-';
        int first = negative ? at + 1 : at;
        digits = 0;
        int point = behindDigits(first);
        if (point == first || (point > first + 1 && json[first] == '0')) {
            return false;
        }
        isWhole = !isAt(point, '.') && !isExponent(point);
        return isWhole ? takeWhole(first, point, negative) : takeDecimal(first, point, negative);
    }

    private boolean takeWhole(int first, int to, boolean negative) {
        // Nineteen digits that are no long have become negative.
        if (to - first > MOST_DIGITS || digits < 0) {
            return false;
        }
        whole = negative ? -digits : digits;
        at = to;
        return true;
    }

    private boolean takeDecimal(int first, int point, boolean negative) {
        int to = isAt(point, '.') ? behindDigits(point + 1) : point;
        if (to == point + 1) {
            return false;
        }
        int places = to - point - 1;
        if (!isExponent(to) && to - first < MOST_DIGITS && NumberReader.isExact(digits, -places)) {
            decimal = NumberReader.exact(negative, digits, -places);
        } else {
            to = behindNumber(to);
            if (to - at > LONGEST_DECIMAL || !decimals.read(json, at, to)) {
                return false;
            }
            decimal = decimals.value();
        }
        at = to;
        return true;
    }

    /** Adds digits to those that have been read, and returns the index behind them. */
    private int behindDigits(int from) {
        int to = from;
        for (; isDigit(to); to++) {
            digits = digits * 10 + json[to] - '0';
        }
        return to;
    }

    /** Returns the index behind digits, points, signs and exponents. */
    private int behindNumber(int from) {
        int to = from;
        while (isExponent(to) || isAt(to, '+') || isAt(to, '-') || isAt(to, '.') || isDigit(to)) {
            to++;
        }
        return to;
    }

    private boolean isDigit(int index) {
        return index < end && json[index] >= '0' && json[index] <= '9';
    }

    private boolean isExponent(int index) {
        return isAt(index, 'e') || isAt(index, 'E');
    }

    private boolean isAt(int index, char character) {
        return index < end && json[index] == character;
    }

    /** Returns whether the last number was written without a point and an exponent. */
    boolean isWhole() {
        return isWhole;
    }

    /** Returns the last number, if it is whole. */
    long whole() {
        return whole;
    }

    /** Returns the last number, if it is not whole. */
    double decimal() {
        return decimal;
    }

    /** Moves behind blanks, and returns the byte there; negative at the end. */
    private int next() {
        while (at < end && json[at] <= ' ' && isBlank(json[at])) {
            at++;
        }
        return at < end ? json[at] : -1;
    }

    private static boolean isBlank(byte character) {
        return character == ' ' || character == '\n' || character == '\r' || character == '\t';
    }
}

package io.gpufleet.telemetry.codec;

import java.nio.charset.StandardCharsets;

/**
 * A reader of decimal numbers that stand as text: {@code 41}, {@code -1.5e3}, {@code NaN}, {@code +Inf}. It says
 * whether the text had a point or an exponent, on which some no-value codes depend. Not thread-safe.
 *
 * <pre>{@code
 * number = [+-] digits [ '.' [digits] ] [ exponent ] | [+-] '.' digits [ exponent ] | 'NaN' | [+-] ( 'Inf' | 'Infinity' )
 * }</pre>
 */
final class NumberReader {
    /** The largest integer below which every integer is a double. */
    private static final long EXACT = 1L << 53;
    /** The digits that fit a long, which is negative if they are more than the largest one. */
    private static final int MOST_DIGITS = 19;
    /** Beyond it any number of digits that fits a message is 0 or infinite. */
    private static final int LARGEST_EXPONENT = 100_000_000;

    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    private static final byte[] NOTHING = {};

    private byte[] text = NOTHING;
    private int at;
    private int end;

    private double value;
    private boolean decimal;

    private long digits;
    private int digitCount;
    private int exponent;

    /** Forgets the text, not the number. */
    void forget() {
        text = NOTHING;
    }

    /** Returns the number that was read. */
    double value() {
        return value;
    }

    /** Returns whether the number had a point or an exponent. */
    boolean isDecimal() {
        return decimal;
    }

    /** Reads a whole text. */
    boolean read(String number) {
        byte[] bytes = number.getBytes(StandardCharsets.UTF_8);
        return read(bytes, 0, bytes.length);
    }

    /**
     * Reads the bytes of a number.
     *
     * @return whether they are one, all of them
     */
    boolean read(byte[] bytes, int from, int to) {
        text = bytes;
        at = from;
        end = to;
        decimal = false;
        boolean negative = peek() == '-';
        boolean signed = negative || peek() == '+';
        if (signed) {
            at++;
        }
        if (isWord(signed)) {
            value = negative ? -value : value;
            return true;
        }
        return isNumber(from, negative);
    }

    private boolean isWord(boolean signed) {
        if (is("inf") || is("infinity")) {
            value = Double.POSITIVE_INFINITY;
            return true;
        }
        value = Double.NaN;
        return !signed && is("nan");
    }

    private boolean is(String word) {
        if (end - at != word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if ((text[at + i] | 0x20) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private boolean isNumber(int from, boolean negative) {
        digits = 0;
        digitCount = 0;
        exponent = 0;
        int before = skipDigits();
        int behind = 0;
        if (peek() == '.') {
            decimal = true;
            at++;
            behind = skipDigits();
            exponent = -behind;
        }
        if (before + behind == 0 || !isExponent() || at != end) {
            return false;
        }
        boolean isExact = digitCount <= MOST_DIGITS && isExact(digits, exponent);
        value = isExact ? exact(negative, digits, exponent) : Double.parseDouble(text(from));
        return true;
    }

    private int skipDigits() {
        int first = at;
        for (; at < end && text[at] >= '0' && text[at] <= '9'; at++) {
            if (digitCount > 0 || text[at] != '0') {
                digitCount++;
            }
            if (digitCount <= MOST_DIGITS) {
                digits = digits * 10 + text[at] - '0';
            }
        }
        return at - first;
    }

    /** Reads an exponent, if there is one, and returns whether it has digits. */
    private boolean isExponent() {
        if ((peek() | 0x20) != 'e') {
            return true;
        }
        decimal = true;
        at++;
        boolean negative = peek() == '-';
        if (negative || peek() == '+') {
            at++;
        }
        int first = at;
        int number = 0;
        for (; at < end && text[at] >= '0' && text[at] <= '9'; at++) {
            number = Math.min(LARGEST_EXPONENT, number * 10 + text[at] - '0');
        }
        exponent += negative ? -number : number;
        return at > first;
    }

    /** Returns whether digits and power of ten are both exact, so that one operation rounds once. */
    static boolean isExact(long digits, int exponent) {
        return digits >= 0 && (exponent == 0 || (digits <= EXACT && Math.abs(exponent) < POWERS.length));
    }

    /** Returns the number of exact digits and an exact power of ten. */
    static double exact(boolean negative, long digits, int exponent) {
        double power = POWERS[Math.abs(exponent)];
        double number = exponent < 0 ? digits / power : digits * power;
        return negative ? -number : number;
    }

    private String text(int from) {
        return new String(text, from, end - from, StandardCharsets.ISO_8859_1);
    }

    private int peek() {
        return at < end ? text[at] : 0;
    }
}

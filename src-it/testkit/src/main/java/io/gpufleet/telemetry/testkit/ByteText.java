package io.gpufleet.telemetry.testkit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** UTF-8 text that grows at its end. Not thread-safe. */
final class ByteText {
    private static final int PLACES = 6;
    private static final int MOST_DIGITS = 19;

    private byte[] bytes;
    private int length;
    private final byte[] digits = new byte[MOST_DIGITS];

    ByteText(int expected) {
        bytes = new byte[expected];
    }

    int length() {
        return length;
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes, length);
    }

    ByteText add(byte[] more) {
        return add(more, more.length);
    }

    ByteText add(byte[] more, int count) {
        reserve(count);
        System.arraycopy(more, 0, bytes, length, count);
        length += count;
        return this;
    }

    ByteText add(String text) {
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    ByteText add(char ascii) {
        reserve(1);
        bytes[length++] = (byte) ascii;
        return this;
    }

    /** Adds the digits of a number, with zeros before them if there are too few. */
    ByteText add(long number, int fewest) {
        long rest = Math.abs(number);
        int from = MOST_DIGITS;
        while (rest > 0 || MOST_DIGITS - from < fewest) {
            digits[--from] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        if (number < 0) {
            add('-');
        }
        reserve(MOST_DIGITS);
        System.arraycopy(digits, from, bytes, length, MOST_DIGITS - from);
        length += MOST_DIGITS - from;
        return this;
    }

    /** Adds the number of a row as the exporter writes it. */
    ByteText addNumber(SampleRow row) {
        if (!row.metric().isDecimal()) {
            return add(row.value(), 1);
        }
        long one = 1_000_000;
        return add(row.value() / one, 1).add('.').add(row.value() % one, PLACES);
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}

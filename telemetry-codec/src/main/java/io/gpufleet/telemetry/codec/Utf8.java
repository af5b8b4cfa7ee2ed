package io.gpufleet.telemetry.codec;

import java.nio.charset.StandardCharsets;

/** UTF-8 that may be malformed: what is not UTF-8 becomes U+FFFD, and is counted. Not thread-safe. */
final class Utf8 {
    private static final char REPLACEMENT = '\ufffd';

    private final LeftOut leftOut;

    Utf8(LeftOut leftOut) {
        this.leftOut = leftOut;
    }

    String text(byte[] bytes, int from, int to) {
        String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0 && replacements(text) > replacements(bytes, from, to)) {
            leftOut.addMalformedText();
        }
        return text;
    }

    private static int replacements(String text) {
        int count = 0;
        for (int at = text.indexOf(REPLACEMENT); at >= 0; at = text.indexOf(REPLACEMENT, at + 1)) {
            count++;
        }
        return count;
    }

    /** Counts the characters U+FFFD that were sent: EF BF BD. */
    private static int replacements(byte[] bytes, int from, int to) {
        int count = 0;
        for (int i = from; i < to - 2; i++) {
            if (bytes[i] == (byte) 0xef && bytes[i + 1] == (byte) 0xbf && bytes[i + 2] == (byte) 0xbd) {
                count++;
            }
        }
        return count;
    }
}

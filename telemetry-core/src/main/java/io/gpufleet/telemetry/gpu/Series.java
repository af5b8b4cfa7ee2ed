package io.gpufleet.telemetry.gpu;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.SortedMap;

/** The text and the number of a series. */
final class Series {
    private Series() {}

    static String text(SortedMap<String, String> parts) {
        if (parts.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, String> part : parts.entrySet()) {
            if (text.length() > 0) {
                text.append(';');
            }
            append(text, part.getKey());
            append(text.append('='), part.getValue());
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String part) {
        for (int i = 0; i < part.length(); i++) {
            char letter = part.charAt(i);
            if (letter == '\\' || letter == ';' || letter == '=') {
                text.append('\\');
            }
            text.append(letter);
        }
    }

    static long key(String series) {
        return series.isEmpty()
                ? 0
                : ByteBuffer.wrap(sha256().digest(series.getBytes(StandardCharsets.UTF_8)))
                        .getLong();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

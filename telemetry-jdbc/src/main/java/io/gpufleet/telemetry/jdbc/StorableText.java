package io.gpufleet.telemetry.jdbc;

import java.nio.charset.StandardCharsets;

/** Texts that PostgreSQL always takes: without U+0000 and halves of characters, and not longer than 4 KiB. */
final class StorableText {
    static final int MAX_BYTES = 4096;

    private static final int REPLACEMENT = 0xfffd;

    private StorableText() {}

    /** The text with what cannot be stored replaced by U+FFFD, cut between two characters. */
    static String of(String text) {
        StringBuilder storable = new StringBuilder(Math.min(text.length(), MAX_BYTES));
        int bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int character = text.codePointAt(i);
            int stored = isStorable(character) ? character : REPLACEMENT;
            bytes += bytesOf(stored);
            if (bytes > MAX_BYTES) {
                break;
            }
            storable.appendCodePoint(stored);
            i += Character.charCount(character);
        }
        return storable.toString();
    }

    private static boolean isStorable(int character) {
        return character != 0 && Character.getType(character) != Character.SURROGATE;
    }

    private static int bytesOf(int character) {
        return Character.toString(character).getBytes(StandardCharsets.UTF_8).length;
    }
}

package io.gpufleet.telemetry.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The conversion of texts into ones that PostgreSQL always takes, in any encoding of the database: without U+0000 and
 * halves of characters, characters that the encoding lacks written as {@code \\u20AC}, and not longer than 4 KiB.
 */
final class StorableText {
    static final int MAX_BYTES = 4096;

    private StorableText() {}

    /** The text with what no database can store replaced by U+FFFD, cut between two characters. */
    static String of(String text) {
        return of(text, TextEncoding.UNICODE);
    }

    /** The text with what a database cannot store replaced, cut between two characters. */
    static String of(String text, TextEncoding encoding) {
        StringBuilder storable = new StringBuilder(Math.min(text.length(), MAX_BYTES));
        int bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int character = text.codePointAt(i);
            String stored = encoding.stored(character);
            bytes += stored.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MAX_BYTES) {
                break;
            }
            storable.append(stored);
            i += Character.charCount(character);
        }
        return storable.toString();
    }

    /** What is wrong with a text in which a half of a character stands alone: the driver would send a question mark. */
    static Optional<String> halfCharacter(String text) {
        for (int i = 0; i < text.length(); ) {
            int character = text.codePointAt(i);
            if (Character.getType(character) == Character.SURROGATE) {
                return Optional.of(String.format(
                        Locale.ROOT, "U+%04X at index %d is half of a character, a surrogate alone", character, i));
            }
            i += Character.charCount(character);
        }
        return Optional.empty();
    }

    /** The texts as the database of a connection can store them. */
    static @Nullable String[] of(@Nullable String[] texts, Connection connection) throws SQLException {
        boolean isAscii = Arrays.stream(texts)
                .allMatch(text -> text == null || text.chars().allMatch(c -> c < 0x80));
        TextEncoding encoding = isAscii ? TextEncoding.UNICODE : TextEncoding.of(connection);
        @Nullable String[] storable = new @Nullable String[texts.length];
        for (int i = 0; i < texts.length; i++) {
            String text = texts[i];
            storable[i] = text == null ? null : of(text, encoding);
        }
        return storable;
    }
}

package io.gpufleet.telemetry.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The conversion of texts into ones that PostgreSQL stores in any encoding: without U+0000 and unpaired surrogates,
 * with characters that the encoding lacks written as {@code \\u20AC}, and at most 4 KiB long.
 */
final class StorableText {
    static final int MAX_BYTES = 4096;

    private StorableText() {}

    /** Returns the text with unstorable characters replaced by U+FFFD, cut between two characters. */
    static String of(String text) {
        return of(text, TextEncoding.UNICODE);
    }

    /** Returns the text with characters replaced that the encoding cannot store, cut between two characters. */
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

    /** Returns the fault of a text with an unpaired surrogate, for which the driver would send a question mark. */
    static Optional<String> halfCharacter(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                int character = text.codePointAt(i);
                if (Character.getType(character) == Character.SURROGATE) {
                    return Optional.of(
                            String.format(Locale.ROOT, "U+%04X at index %d is an unpaired surrogate", character, i));
                }
                i++;
            }
        }
        return Optional.empty();
    }

    /** Returns the texts in a form that the database of a connection can store. */
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

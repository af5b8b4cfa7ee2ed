package io.gpufleet.telemetry.examples.terminal;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Bytes that are a text for people. */
public final class ReadableText {
    private ReadableText() {}

    /**
     * Returns the text of bytes in UTF-8.
     *
     * @return the text; absent if it is none, or has control characters other than tabs and ends of lines
     */
    public static Optional<String> of(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return Optional.of(text)
                    .filter(read -> !read.isEmpty() && read.codePoints().allMatch(ReadableText::isReadable));
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static boolean isReadable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL -> character == '\t' || character == '\n' || character == '\r';
            case Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE, Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}

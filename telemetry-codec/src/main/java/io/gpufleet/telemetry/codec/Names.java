package io.gpufleet.telemetry.codec;

/** The characters of exposition text: of names, and between tokens. */
final class Names {
    private Names() {}

    static boolean isBlank(byte character) {
        return character == ' ' || character == '\t';
    }

    /** Returns whether a character may stand in a metric's name; behind the first one, digits may. */
    static boolean isPartOfMetric(byte character, boolean isBehindFirst) {
        return character == ':' || isPartOfLabel(character, isBehindFirst);
    }

    /** Returns whether a character may stand in a label's name; behind the first one, digits may. */
    static boolean isPartOfLabel(byte character, boolean isBehindFirst) {
        return character == '_'
                || (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (isBehindFirst && character >= '0' && character <= '9');
    }
}

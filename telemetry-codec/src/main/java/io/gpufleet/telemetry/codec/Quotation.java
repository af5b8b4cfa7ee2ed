package io.gpufleet.telemetry.codec;

/** The texts of a message that reasons quote: cut, so that a reason stays readable. */
final class Quotation {
    private static final int LONGEST = 80;

    private Quotation() {}

    /** Returns a text in quotation marks, its control characters replaced. */
    static String of(String text) {
        StringBuilder quoted = new StringBuilder(Math.min(text.length(), LONGEST) + 3).append('"');
        text.codePoints()
                .limit(LONGEST)
                .map(character -> Character.isISOControl(character) ? ' ' : character)
                .forEach(quoted::appendCodePoint);
        return quoted.append(text.codePointCount(0, text.length()) > LONGEST ? "…\"" : "\"")
                .toString();
    }
}

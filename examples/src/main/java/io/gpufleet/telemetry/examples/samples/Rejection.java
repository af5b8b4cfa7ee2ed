package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.examples.options.OptionNames;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line that was refused, or the end of what could be read.
 *
 * @param line the number of the line, or of the element of a JSON array, from 1
 * @param reason the reason, without the number
 */
record Rejection(int line, String reason) {
    private static final Pattern PLACE =
            Pattern.compile("(?s)(?:line|element) ([0-9]{1,9})(?:: | (?=and later: ))(.*)");
    private static final Pattern CUT = Pattern.compile(".* gzip data after line ([0-9]{1,9})");

    /**
     * Reads the words of a decoder.
     *
     * @param words {@code line 3: no UUID}
     * @param otherwise the line, if they name none
     */
    static Rejection of(String words, int otherwise) {
        return ofPlaced(OptionNames.in(words), otherwise);
    }

    private static Rejection ofPlaced(String words, int otherwise) {
        Matcher place = PLACE.matcher(words);
        if (place.matches()) {
            return new Rejection(Integer.parseInt(place.group(1)), place.group(2));
        }
        Matcher cut = CUT.matcher(words);
        return new Rejection(cut.matches() ? Integer.parseInt(cut.group(1)) : otherwise, words);
    }

    /** Returns whether this one stands for several lines, of which only the first is known. */
    boolean isOfSeveral() {
        return reason.startsWith("and later: ");
    }

    /** Returns this rejection of an element, as one of the line that holds the elements. */
    Rejection within(int number) {
        return new Rejection(number, line == 1 ? reason : "element " + line + ": " + reason);
    }

    @Override
    public String toString() {
        return "line " + line + ": " + reason;
    }
}

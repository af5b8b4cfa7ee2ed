package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Token;
import java.nio.charset.StandardCharsets;

/**
 * The tokens of a sample's line, as places in the message: nothing is copied. Not thread-safe.
 *
 * <pre>{@code
 * name [ws] [ '{' labels '}' ] [ws] value [ws time] [ws '#' ws exemplar]
 * }</pre>
 */
final class ExpositionLine {
    private static final byte[] NOTHING = {};

    private byte[] text = NOTHING;
    private int at;
    private int end;

    private int nameFrom;
    private int nameTo;
    private int labelsFrom;
    private int labelsTo;
    private int valueFrom;
    private int valueTo;
    private int timeFrom;
    private int timeTo;

    /**
     * Finds the name at the beginning of a line that is not blank and no comment.
     *
     * @throws CodecException if there is none, with the reason
     */
    void begin(byte[] bytes, int from, int to) {
        text = bytes;
        at = from;
        end = to;
        readName();
    }

    /**
     * Finds the other tokens.
     *
     * @throws CodecException if they are not there, with the reason
     */
    void readRest() {
        readLabels();
        valueFrom = at;
        valueTo = skipToken();
        skipBlanks();
        timeFrom = at;
        timeTo = at < end && !isExemplar() ? skipToken() : at;
        skipBlanks();
    }

    /** Refuses text between the tokens and the exemplar; called when value and time are known to be good. */
    void requireEnd() {
        if (at < end && !isExemplar()) {
            throw refuse("text behind the time: " + Quotation.of(text(at, end)));
        }
    }

    /** Forgets the text. */
    void forget() {
        text = NOTHING;
    }

    /** Returns whether the sign of an exemplar follows, which has blanks around it. */
    private boolean isExemplar() {
        return text[at] == '#' && at + 1 < end && Names.isBlank(text[at + 1]);
    }

    boolean hasValue() {
        return valueFrom < valueTo;
    }

    /** Returns the value, and all that follows it. */
    String valueAndRest() {
        return text(valueFrom, end).strip();
    }

    /** Returns the value if it is words, and all that follows them but for a time. */
    String words() {
        int last = end;
        while (last > valueFrom && Names.isBlank(text[last - 1])) {
            last--;
        }
        int to = last;
        while (to > valueFrom && isPartOfTime(text[to - 1])) {
            to--;
        }
        boolean isTime = to < last && to > valueFrom && Names.isBlank(text[to - 1]);
        return text(valueFrom, isTime ? to : end).strip();
    }

    private static boolean isPartOfTime(byte character) {
        return character == '.' || (character >= '0' && character <= '9');
    }

    /** Returns whether labels follow the name. */
    boolean hasLabels() {
        return at < end && text[at] == '{';
    }

    int nameFrom() {
        return nameFrom;
    }

    int nameTo() {
        return nameTo;
    }

    int labelsFrom() {
        return labelsFrom;
    }

    int labelsTo() {
        return labelsTo;
    }

    int valueFrom() {
        return valueFrom;
    }

    int valueTo() {
        return valueTo;
    }

    boolean hasTime() {
        return timeFrom < timeTo;
    }

    Token value() {
        return new Token(valueFrom, valueTo);
    }

    /** Returns the time, which is empty if there is none. */
    Token time() {
        return new Token(timeFrom, timeTo);
    }

    private void readName() {
        nameFrom = at;
        while (at < end && Names.isPartOfMetric(text[at], at > nameFrom)) {
            at++;
        }
        nameTo = at;
        boolean isDelimited = at == end || text[at] == '{' || Names.isBlank(text[at]);
        if (nameTo == nameFrom || !isDelimited) {
            throw refuse("metric name expected, found " + Quotation.of(text(nameFrom, end)));
        }
        skipBlanks();
    }

    private void readLabels() {
        labelsFrom = at;
        labelsTo = at;
        if (at < end && text[at] == '{') {
            labelsFrom = ++at;
            labelsTo = skipLabels();
            at++;
            skipBlanks();
        }
    }

    /** Moves to the brace that closes the labels; braces in quotation marks do not. */
    private int skipLabels() {
        boolean quoted = false;
        for (; at < end; at++) {
            switch (text[at]) {
                case '"' -> quoted = !quoted;
                case '\\' -> at += quoted ? 1 : 0;
                case '}' -> {
                    if (!quoted) {
                        return at;
                    }
                }
                default -> {}
            }
        }
        throw refuse("label set not closed");
    }

    private int skipToken() {
        while (at < end && !Names.isBlank(text[at])) {
            at++;
        }
        return at;
    }

    private void skipBlanks() {
        while (at < end && Names.isBlank(text[at])) {
            at++;
        }
    }

    private String text(int from, int to) {
        return new String(text, from, to - from, StandardCharsets.UTF_8);
    }

    private CodecException refuse(String reason) {
        return new CodecException(reason, Math.min(at, end));
    }
}

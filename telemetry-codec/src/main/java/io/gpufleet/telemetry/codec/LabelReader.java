package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A reader of a list of labels, as it stands between the braces of exposition text and in the column
 * {@code labels_raw}.
 *
 * <pre>{@code
 * labels = [ label { ',' label } [ ',' ] ]                   blanks and tabs between all of them
 * label  = name '=' '"' { character | '\\' | '\"' | '\n' } '"'    a backslash before any other character is two
 * }</pre>
 *
 * <p>Empty values are left out: they mean that the label is absent. Not thread-safe.
 */
final class LabelReader {
    private final SampleLimits limits;
    private final Utf8 utf8;

    private byte[] text = new byte[0];
    private int at;
    private int end;

    private boolean excessive;

    /** A value without its escapes. */
    private byte[] unescaped = new byte[64];

    LabelReader(SampleLimits limits, Utf8 utf8) {
        this.limits = limits;
        this.utf8 = utf8;
    }

    /**
     * Reads labels that fill a text.
     *
     * @return the values by name, in the order of the text
     * @throws CodecException if they do not, with the reason
     */
    Map<String, String> read(byte[] bytes, int from, int to) {
        text = bytes;
        at = from;
        end = to;
        excessive = false;
        Map<String, String> labels = new LinkedHashMap<>();
        int count = 0;
        skipBlanks();
        while (at < end) {
            if (++count > limits.labels()) {
                throw exceed("more than " + limits.labels() + " labels");
            }
            readLabel(labels);
            skipBlanks();
            if (at < end) {
                skipComma();
            }
        }
        labels.values().removeIf(String::isEmpty);
        return labels;
    }

    private void readLabel(Map<String, String> labels) {
        String name = name();
        expect('=');
        skipBlanks();
        expect('"');
        if (labels.put(name, value(name)) != null) {
            throw refuse("label " + Quotation.of(name) + " stands twice");
        }
    }

    private String name() {
        int from = at;
        while (at < end && Names.isPartOfLabel(text[at], at > from)) {
            at++;
        }
        if (at == from) {
            throw refuse("label name expected");
        }
        String name = utf8.text(text, from, at);
        skipBlanks();
        return name;
    }

    private String value(String name) {
        int from = at;
        boolean escaped = false;
        for (; at < end && text[at] != '"'; at++) {
            if (text[at] == '\\') {
                escaped = true;
                at++;
            }
        }
        if (at >= end) {
            throw refuse("label set not closed");
        }
        int to = at++;
        if (to - from > limits.labelBytes()) {
            throw exceed("label " + Quotation.of(name) + " has " + (to - from) + " bytes, the limit is "
                    + limits.labelBytes());
        }
        return escaped ? unescape(from, to) : utf8.text(text, from, to);
    }

    private String unescape(int from, int to) {
        if (unescaped.length < to - from) {
            unescaped = new byte[to - from];
        }
        int length = 0;
        for (int i = from; i < to; i++) {
            byte next = text[i];
            if (next == '\\' && i + 1 < to && isEscape(text[i + 1])) {
                i++;
                next = text[i] == 'n' ? (byte) '\n' : text[i];
            }
            unescaped[length++] = next;
        }
        return utf8.text(unescaped, 0, length);
    }

    private static boolean isEscape(byte character) {
        return character == '\\' || character == '"' || character == 'n';
    }

    private void skipComma() {
        if (text[at] != ',') {
            throw refuse("comma or } expected");
        }
        at++;
        skipBlanks();
    }

    private void expect(char character) {
        if (at >= end || text[at] != character) {
            throw refuse(at >= end ? "label set not closed" : character + " expected");
        }
        at++;
    }

    private void skipBlanks() {
        while (at < end && Names.isBlank(text[at])) {
            at++;
        }
    }

    /** Returns whether the labels read last were refused for a limit. */
    boolean isExcessive() {
        return excessive;
    }

    private CodecException exceed(String reason) {
        excessive = true;
        return refuse(reason);
    }

    private CodecException refuse(String reason) {
        return new CodecException(reason, at);
    }
}

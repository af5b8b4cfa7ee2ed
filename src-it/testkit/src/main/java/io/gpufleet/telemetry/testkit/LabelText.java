package io.gpufleet.telemetry.testkit;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Labels as text: {@code name="value"} with commas between, a backslash before quotation marks and backslashes. */
final class LabelText {
    /** A label whose quotation marks have no escapes. */
    static final String UNESCAPED = "label_team=\"ml \"core\" team\"";

    private static final int BYTES = 256;

    private LabelText() {}

    /** Returns labels as a list. */
    static byte[] list(Map<String, String> labels, String delimiter) {
        ByteText list = new ByteText(BYTES);
        labels.forEach((name, value) -> add(list.add(list.length() == 0 ? "" : delimiter), name, value));
        return list.bytes();
    }

    /** Returns labels as a list with commas. */
    static String text(Map<String, String> labels) {
        return new String(list(labels, ","), StandardCharsets.UTF_8);
    }

    /** Adds a label to a text. */
    static void add(ByteText text, String name, String value) {
        text.add(name).add("=\"").add(escape(value)).add('"');
    }

    private static String escape(String value) {
        boolean isPlain = value.indexOf('\\') < 0 && value.indexOf('"') < 0 && value.indexOf('\n') < 0;
        return isPlain
                ? value
                : value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}

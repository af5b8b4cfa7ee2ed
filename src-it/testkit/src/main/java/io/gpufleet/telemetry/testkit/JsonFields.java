package io.gpufleet.telemetry.testkit;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** The text around the twelve fields of one kind of JSON element. The columns of a subject are written once. */
final class JsonFields {
    private static final int FIRST_COLUMN = 2;
    private static final int VALUE = 10;
    private static final int LABELS = 11;

    private final List<String> before;
    private final String end;
    private final boolean isIndexText;
    private final byte[][] columns = new byte[HostScrape.MOST_SUBJECTS][];

    /**
     * Creates the fields.
     *
     * @param before the text before each field
     * @param end the text behind the last field
     * @param isIndexText whether the number of a GPU is a text
     */
    JsonFields(List<String> before, String end, boolean isIndexText) {
        this.before = before;
        this.end = end;
        this.isIndexText = isIndexText;
    }

    String beforeTime() {
        return before.get(0);
    }

    String beforeMetric() {
        return before.get(1);
    }

    String beforeValue() {
        return before.get(VALUE);
    }

    String beforeLabels() {
        return before.get(LABELS);
    }

    String end() {
        return end;
    }

    /** Returns the fields of a subject, between metric and value. */
    byte[] columns(SampleSubject subject) {
        int number = subject.number();
        if (columns[number] == null) {
            columns[number] = text(subject.columns()).getBytes(StandardCharsets.UTF_8);
        }
        return columns[number];
    }

    private String text(List<String> values) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            String quote = i > 0 || isIndexText ? "\"" : "";
            text.append(before.get(FIRST_COLUMN + i))
                    .append(quote)
                    .append(values.get(i))
                    .append(quote);
        }
        return text.toString();
    }
}

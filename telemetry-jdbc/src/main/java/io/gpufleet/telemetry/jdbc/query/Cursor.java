package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

/**
 * The place where a page ended: a text to send back with the same question. It belongs to that question, with its
 * filters, order and bounds; only the size of the page may change. Immutable.
 */
public final class Cursor {
    private final String text;

    private Cursor(String text) {
        this.text = text;
    }

    /**
     * Returns the cursor of a text. Whether it belongs to a question shows only when it is asked.
     *
     * @param text the text of {@link #toString()}
     * @return a cursor
     */
    public static Cursor of(String text) {
        return new Cursor(requireNonNull(text, "text"));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cursor that && that.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** Returns the text: letters, digits, {@code -} and {@code _}. */
    @Override
    public String toString() {
        return text;
    }
}

package io.gpufleet.telemetry.jdbc.gpu;

/**
 * The quotation marks of a row of CSV: one opens a field at its beginning, and nowhere else; two within it are one
 * character. Not thread-safe.
 */
final class RowQuotes {
    private byte delimiter = ',';
    private boolean isQuoted;
    private boolean isClosing;
    private boolean isFieldBegin = true;

    /** Says that fields end with this delimiter. */
    void delimitBy(char character) {
        delimiter = (byte) character;
    }

    /** Begins a row. */
    void begin() {
        isQuoted = false;
        isClosing = false;
        isFieldBegin = true;
    }

    /** Reads the next byte of the row. */
    void read(byte character) {
        boolean isQuote = character == '"';
        if (isClosing) {
            isClosing = false;
            if (isQuote) {
                return;
            }
            isQuoted = false;
        }
        if (isQuoted) {
            isClosing = isQuote;
        } else {
            isQuoted = isQuote && isFieldBegin;
            isFieldBegin = character == delimiter;
        }
    }

    /** Returns whether the bytes so far end in a field whose quotation mark is not closed. */
    boolean isOpen() {
        return isQuoted && !isClosing;
    }

    /** Returns whether the next byte may be one of a quoted field, or is to show whether its mark has closed it. */
    boolean isInQuotes() {
        return isQuoted;
    }
}

package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.codec.Entry.Place;
import java.util.Arrays;

/**
 * The rows of a CSV text, as places: the ends of rows are LF, CR or CRLF outside of quotation marks, which open at the
 * beginning of a field only. Nothing is copied. Not thread-safe.
 */
final class CsvRows {
    /** More fields than a row of any use has. */
    private static final int MOST_KNOWN = 4096;

    private final byte[] text;
    private final int end;
    private int at;
    private int line = 1;
    private int from;

    private byte delimiter = ',';
    private Place place;
    private int fields;
    /** The indexes of the first fields' first bytes. */
    private int[] begins = new int[16];

    private int quoteLine;
    private boolean quoted;
    private boolean ended;
    /** Whether the first row ends with a carriage return alone: else one in quotation marks ends no line. */
    private boolean hasReturns;

    CsvRows(Inflated source) {
        this.text = source.bytes();
        this.end = source.to();
        this.at = source.from();
        this.place = new Place(line, at, at);
    }

    void delimitBy(char character) {
        delimiter = (byte) character;
    }

    /**
     * Moves to the next row that is not blank: the header, if none was read.
     *
     * @return false at the end of the text
     */
    boolean nextFull() {
        boolean found = next();
        while (found && isBlank()) {
            found = next();
        }
        return found;
    }

    private boolean isBlank() {
        int index = place.from();
        while (index < place.to() && Names.isBlank(text[index])) {
            index++;
        }
        return index == place.to();
    }

    /**
     * Moves to the next row that is not empty.
     *
     * @return false at the end of the text
     */
    boolean next() {
        while (at < end) {
            readRow();
            if (place.from() < place.to()) {
                return true;
            }
        }
        return false;
    }

    /** Returns where the row stands: its first line, and its bytes without the end of the line. */
    Place place() {
        return place;
    }

    /** Returns the number of fields of the row. */
    int fields() {
        return fields;
    }

    /** Returns the index of a field's first byte, which may be a quotation mark. */
    int begin(int field) {
        return begins[field];
    }

    /** Returns the index behind a field's last byte. */
    int end(int field) {
        return field + 1 == fields ? place.to() : begins[field + 1] - 1;
    }

    /** Returns whether a quotation mark of the row is not closed before the end of the text. */
    boolean isQuoteOpen() {
        return quoted;
    }

    /** Returns the line of the last quotation mark that opened a field. */
    int quoteLine() {
        return quoteLine;
    }

    /** Returns whether no end of a line follows the row. */
    boolean isOpen() {
        return !ended;
    }

    /** Returns the number of lines before the next row. */
    int linesRead() {
        return line - 1;
    }

    private void readRow() {
        from = at;
        int first = line;
        fields = 0;
        beginField(at);
        quoted = false;
        while (at < end && (quoted || !isLineEnd())) {
            if (quoted) {
                readQuoted();
            } else {
                readField();
            }
        }
        place = new Place(first, from, at);
        ended = at < end;
        if (ended) {
            hasReturns |= first == 1 && isReturnAlone();
            skipLineEnd();
        }
    }

    /** Reads a delimiter, or a field up to its end or to its opening quotation mark. */
    private void readField() {
        if (text[at] == '"' && isFieldBegin()) {
            quoted = true;
            quoteLine = line;
        } else if (text[at] == delimiter) {
            beginField(at + 1);
        }
        at++;
    }

    private void beginField(int index) {
        if (fields < MOST_KNOWN) {
            if (fields == begins.length) {
                begins = Arrays.copyOf(begins, 2 * fields);
            }
            begins[fields] = index;
        }
        fields++;
    }

    private boolean isFieldBegin() {
        return at == from || text[at - 1] == delimiter;
    }

    private void readQuoted() {
        while (at < end && text[at] != '"' && text[at] > '\r') {
            at++;
        }
        if (at == end) {
            return;
        }
        if (isLineEnd() && (hasReturns || !isReturnAlone())) {
            skipLineEnd();
        } else if (text[at] != '"') {
            at++;
        } else if (at + 1 < end && text[at + 1] == '"') {
            at += 2;
        } else {
            quoted = false;
            at++;
        }
    }

    private boolean isLineEnd() {
        return text[at] == '\n' || text[at] == '\r';
    }

    private boolean isReturnAlone() {
        return text[at] == '\r' && !isPair();
    }

    private boolean isPair() {
        return text[at] == '\r' && at + 1 < end && text[at + 1] == '\n';
    }

    private void skipLineEnd() {
        at += isPair() ? 2 : 1;
        line++;
    }
}

package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.internal.LineProtocolText;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * The records of a text, with the checksum of all whole ones: lines, or rows of CSV, whose lines may break in quotation
 * marks that open at the beginning of a field, or lines of line protocol, which may break in texts. A record without
 * the end of its line is open, and not counted. Of a record that is too long the beginning is kept. A record whose
 * quotation mark is not closed within the longest record ends with the line of that mark. Not thread-safe.
 */
final class TextRecords {
    /** The most bytes of a record, as the decoders have it. */
    static final int MOST_BYTES = 1 << 20;

    private static final int CHUNK = 64 << 10;

    private final InputStream text;
    private byte[] buffer = new byte[CHUNK];
    private int at;
    private int end;
    private Optional<IOException> fault = Optional.empty();

    private final RecordChecksum checksum = new RecordChecksum();
    private byte[] record = new byte[256];
    private int kept;
    private long length;
    private long records;
    private long bytes;
    private long firstLine;
    private long lines;
    private long linesRead;

    /** Whether quotation marks are those of CSV; both until the first record has told. */
    private boolean isCsv = true;

    private boolean isLineProtocol = true;
    /** Whether only blanks were read so far, or the first characters of a name. */
    private boolean isBegin = true;

    private boolean isName;

    private final RowQuotes rowQuotes = new RowQuotes();
    private final LineProtocolText lineText = new LineProtocolText();
    /** The line of the quotation mark that was opened last. */
    private long quoteLine;
    /** The number of bytes of the record up to the end of that line; 0 if the mark is closed, or the line not ended. */
    private int quoteEnd;

    private long linesToQuoteEnd;
    private boolean isQuoteLost;
    private boolean hasLoneReturns;
    /** Whether a carriage return alone ends a line in quotation marks, as it does behind the header. */
    private boolean countsReturns;

    /** Reads the first record as a row of CSV: a header. */
    TextRecords(InputStream text) {
        this.text = text;
    }

    /** Says that rows have fields with this delimiter. */
    void delimitBy(char character) {
        rowQuotes.delimitBy(character);
    }

    /** Says that each line is a record, whatever quotation marks it has, unless it is one of line protocol. */
    void ofLines(boolean ofLineProtocol) {
        isCsv = false;
        isLineProtocol = ofLineProtocol;
    }

    /** Says that the record is a header: the characters at its end are those that end a line. */
    void beginTable() {
        isLineProtocol = false;
        countsReturns = record[kept - 1] == '\r';
    }

    /**
     * Moves to the next whole record.
     *
     * @return false at the end of the text, at a fault of its packing, and before an open record
     * @throws IOException if the file cannot be read
     */
    boolean next() throws IOException {
        kept = 0;
        length = 0;
        firstLine = lines + 1;
        linesRead = lines;
        rowQuotes.begin();
        lineText.begin();
        quoteEnd = 0;
        isQuoteLost = false;
        while (fill()) {
            byte character = buffer[at++];
            keep(character);
            if (isBegin) {
                begin(character);
            }
            if (endsRecord(character)) {
                finish();
                return true;
            }
            if (quoteEnd > 0 && (length == MOST_BYTES || lineText.isBroken())) {
                endWithQuoteLine();
                return true;
            }
        }
        return false;
    }

    /**
     * Takes the open record at the end of the text as a whole one: up to the end of the line with a quotation mark that
     * is not closed, behind which other records follow.
     *
     * @return false if there is none
     */
    boolean takeOpen() {
        if (length == 0) {
            return false;
        }
        if (quoteEnd > 0) {
            endWithQuoteLine();
            return true;
        }
        linesRead++;
        finish();
        return true;
    }

    /** Ends the record with the line of its open quotation mark, and reads again what follows. */
    private void endWithQuoteLine() {
        int back = kept - quoteEnd;
        int ahead = end - at;
        byte[] again = new byte[Math.max(CHUNK, back + ahead)];
        System.arraycopy(record, quoteEnd, again, 0, back);
        System.arraycopy(buffer, at, again, back, ahead);
        buffer = again;
        at = 0;
        end = back + ahead;
        kept = quoteEnd;
        length = quoteEnd;
        linesRead = linesToQuoteEnd;
        isQuoteLost = true;
        finish();
    }

    /** Returns whether the text ends with a record that has no end; to be asked behind its end. */
    boolean isOpen() {
        return length > 0;
    }

    /** Returns whether a quotation mark of that record is not closed. */
    boolean isQuoteOpen() {
        return rowQuotes.isOpen() || lineText.isOpen();
    }

    /** Returns the line of the last quotation mark that opened a field or a text of the record. */
    long quoteLine() {
        return quoteLine;
    }

    /** Returns whether the record ends with the line of a quotation mark that is not closed. */
    boolean isQuoteLost() {
        return isQuoteLost;
    }

    /** Returns the fault of the packing that ended the text. */
    Optional<IOException> fault() {
        return fault;
    }

    /** Returns the bytes of the record with its end; only the first ones if it is too long. */
    byte[] bytes() {
        return Arrays.copyOf(record, kept);
    }

    /** Returns the number of bytes of the record. */
    long length() {
        return length;
    }

    /** Returns whether the record is longer than a record may be. */
    boolean isTooLong() {
        return length > MOST_BYTES;
    }

    /** Returns whether the record is the end of a line and nothing else. */
    boolean isBlank() {
        for (int i = 0; i < kept; i++) {
            if (record[i] != '\n' && record[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    /** Returns the number of whole records so far. */
    long records() {
        return records;
    }

    /** Returns the number of lines of the record. */
    long recordLines() {
        return lines - firstLine + 1;
    }

    /** Returns the line in which the record begins, from 1 on. */
    long firstLine() {
        return firstLine;
    }

    /** Returns the number of lines of whole records so far. */
    long lines() {
        return lines;
    }

    /** Returns the number of bytes of whole records so far. */
    long textBytes() {
        return bytes;
    }

    /** Returns the checksum of all whole records so far. */
    String checksum() {
        return checksum.hex();
    }

    /**
     * Looks at the first characters: quotation marks mean something else in JSON and in exposition text, which no
     * header of CSV looks like.
     */
    private void begin(byte character) {
        boolean isJsonOrComment = !isName && (character == '{' || character == '[' || character == '#');
        if (isJsonOrComment || character == '{') {
            isCsv = false;
            isLineProtocol = false;
        }
        isName |= character > ' ';
        isBegin = isCsv && !(isName && (character <= ' ' || ",;\"".indexOf(character) >= 0));
    }

    private void keep(byte character) {
        length++;
        if (length > MOST_BYTES) {
            checksum.add(record, kept, character);
            return;
        }
        if (kept == record.length) {
            record = Arrays.copyOf(record, 2 * kept);
        }
        record[kept++] = character;
    }

    private void finish() {
        checksum.end(record, kept);
        records++;
        bytes += length;
        lines = linesRead;
    }

    private boolean endsRecord(byte character) throws IOException {
        boolean endsLine = character == '\n' || (isCsv && character == '\r' && endsLineAlone());
        boolean wasInQuotes = isInQuotes();
        if (isCsv) {
            rowQuotes.read(character);
        }
        if (isLineProtocol) {
            readText(character);
        }
        if (isInQuotes() && !wasInQuotes) {
            quoteLine = linesRead + 1;
        }
        linesRead += endsLine ? 1 : 0;
        noteQuoteEnd(endsLine);
        return endsLine && (!isInQuotes() || length > MOST_BYTES);
    }

    private boolean isInQuotes() {
        return rowQuotes.isInQuotes() || lineText.isInText();
    }

    private void noteQuoteEnd(boolean endsLine) {
        if (!isInQuotes() && !lineText.isBroken()) {
            quoteEnd = 0;
        } else if (endsLine && quoteEnd == 0 && isInQuotes() && length < MOST_BYTES) {
            quoteEnd = kept;
            linesToQuoteEnd = linesRead;
        }
    }

    /** Reads a text of line protocol, which no row of CSV has. */
    private void readText(byte character) {
        lineText.read(character);
        if (lineText.isOpen()) {
            isCsv = false;
            rowQuotes.begin();
        }
    }

    /**
     * Returns whether a carriage return ends a line; in quotation marks it does so only in tables without line feeds.
     */
    private boolean endsLineAlone() throws IOException {
        return isQuoteOpen() ? countsReturns && fill() && buffer[at] != '\n' : isAlone();
    }

    /**
     * Returns whether no line feed follows a carriage return. At the end of the text it may still come, unless the
     * lines before have none.
     */
    private boolean isAlone() throws IOException {
        if (!fill()) {
            return hasLoneReturns;
        }
        boolean isAlone = buffer[at] != '\n';
        hasLoneReturns |= isAlone;
        return isAlone;
    }

    private boolean fill() throws IOException {
        if (at < end) {
            return true;
        }
        if (fault.isPresent()) {
            return false;
        }
        at = 0;
        try {
            end = Math.max(0, text.read(buffer));
        } catch (EOFException | ZipException e) {
            end = 0;
            fault = Optional.of(e);
        }
        return end > 0;
    }
}

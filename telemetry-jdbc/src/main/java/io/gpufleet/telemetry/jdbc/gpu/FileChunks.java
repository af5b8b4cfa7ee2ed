package io.gpufleet.telemetry.jdbc.gpu;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.gpufleet.telemetry.jdbc.gpu.FileChunk.Message;
import io.gpufleet.telemetry.jdbc.gpu.FileChunk.Place;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a text: a bounded number of rows with the header in force, of lines of JSON, or of lines of exposition
 * text. A chunk ends where a header stands and behind a record that is too long. Its memory is bounded, however long
 * the text is. Not thread-safe.
 */
final class FileChunks {
    /** Half of what the decoders take, so that a last row fits. */
    private static final int MOST_BYTES = 8 << 20;

    private static final String END_OF_TEXT = "# EOF";

    private final TextRecords records;
    private final int mostRows;
    private final boolean takesOpen;

    private @Nullable FileForm form;
    private byte[] header = new byte[0];
    private long headerLine;
    private long headerLines;
    private long rows;
    private boolean ended;
    private boolean isLastOpen;

    /**
     * Reads a text from its beginning.
     *
     * @param mostRows the most rows of a chunk, 1 or more
     * @param takesOpen whether a last line without its end is taken
     */
    FileChunks(InputStream text, int mostRows, boolean takesOpen) {
        this.records = new TextRecords(text);
        this.mostRows = mostRows;
        this.takesOpen = takesOpen;
    }

    /** Returns the position behind the records that were read. */
    FilePosition position() {
        return new FilePosition(
                records.records(),
                rows,
                records.lines(),
                records.textBytes(),
                records.checksum(),
                new String(header, ISO_8859_1));
    }

    /** Returns the number of bytes of the records that were read. */
    long textBytes() {
        return records.textBytes();
    }

    /** Returns the number of records that were read. */
    long records() {
        return records.records();
    }

    /** Returns the checksum of the records that were read. */
    String checksum() {
        return records.checksum();
    }

    /** Returns the kind of the records. */
    FileForm.Kind kind() {
        return form().kind();
    }

    /** Returns whether each record is a message of its own. */
    boolean isOfSingleRecords() {
        return form().kind() == FileForm.Kind.JSON;
    }

    /** Returns whether the records are rows behind a header, which may be divided anywhere. */
    boolean isOfRows() {
        return form().hasHeaders();
    }

    /** Returns the line of the header in force, or else the first line behind a position. */
    long firstLine(FilePosition from) {
        return isOfRows() ? headerLine : from.lines() + 1;
    }

    /** Returns whether a line may be without a time, which is that of the scrape then. */
    boolean isOfScrapes() {
        return form().kind() == FileForm.Kind.TEXT || isOfFineTimes();
    }

    /** Returns whether the times of two lines may be cut to the same one. */
    boolean isOfFineTimes() {
        return form().kind() == FileForm.Kind.LINES;
    }

    /** Moves behind the next record, which is not handed out; returns false at the end of the text. */
    boolean skip() throws IOException {
        if (!read()) {
            return false;
        }
        note();
        return true;
    }

    /** Returns the next chunk, nothing at the end of the text. */
    Optional<FileChunk> next() throws IOException {
        FilePosition from = position();
        Collected collected = new Collected();
        boolean isEnd = false;
        while (!isEnd && read()) {
            isEnd = note() ? !collected.isEmpty() : collected.add();
        }
        FilePosition to = position();
        return from.records() == to.records()
                ? Optional.empty()
                : Optional.of(new FileChunk(collected.messages(), from, to));
    }

    /** Returns why the text is not stored to its last byte, once its end is reached: nothing if it is. */
    Optional<String> fault() {
        if (records.fault().isPresent()) {
            String where = records.lines() == 0 ? "; nothing of it is stored" : " after line " + records.lines();
            return records.fault().map(fault -> fault.getMessage() + where);
        }
        if (!records.isOpen() || takesOpen) {
            return Optional.empty();
        }
        long line = records.lines() + 1;
        return Optional.of(
                records.isQuoteOpen()
                        ? "quote opened in line " + records.quoteLine() + " is never closed, not stored"
                        : "line " + line + " has no line end, not stored; --complete takes it");
    }

    /** Moves to the next record; a file that is cut off in its packing has no last line without an end. */
    private boolean read() throws IOException {
        if (ended) {
            return false;
        }
        if (records.next()) {
            return true;
        }
        boolean isTaken = takesOpen && records.fault().isEmpty() && records.takeOpen();
        ended = !isTaken || !records.isQuoteLost();
        isLastOpen = isTaken && ended;
        return isTaken;
    }

    /** Returns why the record cannot be handed to the decoder, which would take the rows behind it for parts of it. */
    private Optional<String> faultOfRecord() {
        if (records.isTooLong()) {
            return Optional.of("row has " + records.length() + " bytes, the limit is " + TextRecords.MOST_BYTES);
        }
        if (!records.isQuoteLost() || !isOfRows()) {
            return Optional.empty();
        }
        long line = records.quoteLine() - records.firstLine() + 1;
        return Optional.of("quote opened in line " + line + " is not closed; the lines behind it are read as rows");
    }

    /** Notes a header or a row; returns true if the record is a header. */
    private boolean note() {
        if (faultOfRecord().isPresent()) {
            rows++;
            return false;
        }
        if (records.isBlank()) {
            return false;
        }
        byte[] bytes = records.bytes();
        boolean isFirst = form == null;
        if (isFirst) {
            form = FileForm.of(bytes);
            begin(form);
        }
        boolean isHeader = isFirst ? form().hasHeaders() : form().isHeader(bytes);
        if (isHeader) {
            header = bytes;
            headerLines = records.recordLines();
            headerLine = records.firstLine();
            records.beginTable();
        } else if (!form().isComment(bytes)) {
            rows++;
        }
        return isHeader;
    }

    private FileForm form() {
        return form == null ? new FileForm(FileForm.Kind.TEXT, ',') : form;
    }

    private void begin(FileForm found) {
        if (found.hasHeaders()) {
            records.delimitBy(found.delimiter());
        } else {
            records.ofLines(found.kind() == FileForm.Kind.LINES);
        }
    }

    /** The records of the chunk that is being read. */
    private final class Collected {
        private final List<Message> messages = new ArrayList<>();
        private final List<Place> places = new ArrayList<>();
        private final ByteArrayOutputStream text = new ByteArrayOutputStream();
        private long first;
        private long shift;
        private long bytes;
        private int count;

        boolean isEmpty() {
            return count == 0;
        }

        /** Adds the record that was read; returns whether it is the last one. */
        boolean add() {
            Optional<String> fault = faultOfRecord();
            if (fault.isPresent()) {
                endText();
                addSingle(records.bytes(), fault.get());
                count++;
                return true;
            }
            boolean isBlank = records.isBlank();
            if (isBlank && (form().kind() == FileForm.Kind.JSON || text.size() == 0)) {
                return false;
            }
            byte[] record = recordWithEnd();
            if (form().kind() == FileForm.Kind.JSON) {
                addSingle(record, "");
            } else {
                addText(record);
            }
            bytes += record.length;
            count += isBlank ? 0 : 1;
            return isFull() || isEndOfText(record);
        }

        private void addSingle(byte[] record, String fault) {
            messages.add(new Message(records.records() - 1, record, records.firstLine() - 1, true, fault, List.of()));
        }

        /** Returns the record, with an end for the decoder if it has none. */
        private byte[] recordWithEnd() {
            byte[] record = records.bytes();
            if (!isLastOpen) {
                return record;
            }
            byte[] ended = Arrays.copyOf(record, record.length + 1);
            ended[record.length] = '\n';
            return ended;
        }

        private boolean isFull() {
            return bytes >= MOST_BYTES || (count >= mostRows && form().kind() != FileForm.Kind.TEXT);
        }

        private boolean isEndOfText(byte[] record) {
            return form().kind() == FileForm.Kind.TEXT
                    && record.length <= END_OF_TEXT.length() + 2
                    && new String(record, ISO_8859_1).strip().equals(END_OF_TEXT);
        }

        private void addText(byte[] record) {
            if (text.size() == 0) {
                first = records.records() - 1;
                shift = records.firstLine() - 1 - headerLines;
                text.writeBytes(header);
            }
            places.add(new Place(text.size(), records.firstLine() - 1));
            text.writeBytes(record);
        }

        private void endText() {
            if (text.size() > 0) {
                messages.add(new Message(first, text.toByteArray(), shift, false, "", List.copyOf(places)));
                text.reset();
                places.clear();
            }
        }

        List<Message> messages() {
            endText();
            return List.copyOf(messages);
        }
    }
}

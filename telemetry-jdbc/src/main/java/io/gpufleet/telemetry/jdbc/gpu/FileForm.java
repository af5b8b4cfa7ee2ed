package io.gpufleet.telemetry.jdbc.gpu;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.internal.LineProtocolText;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The form of the records of a text, as its first full record shows it: it decides which records are headers, and where
 * a text may be divided. What the records mean is the decoder's. Immutable.
 *
 * @param kind the kind of the records
 * @param delimiter the delimiter of rows
 */
record FileForm(Kind kind, char delimiter) {

    /** A kind of records. */
    enum Kind {
        /** Rows of one sample, behind a header. */
        SAMPLES,
        /** Rows of one GPU, behind a header of nvidia-smi. */
        GPUS,
        /** JSON, each line by itself. */
        JSON,
        /** Line protocol, each line by itself, read together. */
        LINES,
        /** Exposition text, or a text of no known form, which the decoder refuses in its words. */
        TEXT
    }

    private static final char[] DELIMITERS = {',', ';', '\t'};
    private static final String TIME = "timestamp";
    private static final String METRIC = "metric_name";
    private static final String VALUE = "value";
    private static final Set<String> UUIDS = Set.of("uuid", "gpu_uuid");
    private static final Set<String> KNOWN = Set.of(TIME, METRIC, VALUE, "uuid", "gpu_uuid");
    /** One known column may be chance. */
    private static final int KNOWN_COLUMNS = 2;

    /** What {@code influx_inspect export} writes before the lines. */
    private static final List<String> EXPORT_HEADS =
            List.of("# INFLUXDB EXPORT", "# DDL", "# DML", "# CONTEXT-", "CREATE DATABASE ");

    private static final String MARK_OF_BYTE_ORDER = "\ufeff";

    /** Finds the form that a record begins. */
    static FileForm of(byte[] first) {
        String text = clean(new String(first, UTF_8));
        if (text.startsWith("{") || text.startsWith("[")) {
            return new FileForm(Kind.JSON, ',');
        }
        for (char delimiter : DELIMITERS) {
            Set<String> names = names(text, delimiter);
            if (names.stream().filter(KNOWN::contains).count() >= KNOWN_COLUMNS) {
                boolean isOfSamples = names.contains(METRIC) || names.contains(VALUE);
                return new FileForm(isOfSamples ? Kind.SAMPLES : Kind.GPUS, delimiter);
            }
        }
        return new FileForm(isLineProtocol(text) ? Kind.LINES : Kind.TEXT, ',');
    }

    /** Returns whether bytes, whose last character may be cut off, are text: UTF-8 without a byte 0. */
    static boolean isText(byte[] bytes) {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        CharBuffer text = CharBuffer.allocate(bytes.length);
        boolean isUtf8 = !UTF_8.newDecoder().decode(source, text, false).isError();
        return isUtf8 && text.flip().chars().noneMatch(character -> character == 0);
    }

    /** Returns whether a line is the head of an export, or has a field with a value behind its first blank. */
    private static boolean isLineProtocol(String line) {
        if (EXPORT_HEADS.stream().anyMatch(line::startsWith)) {
            return true;
        }
        int blank = 0;
        while (blank < line.length() && line.charAt(blank) != ' ') {
            blank += line.charAt(blank) == '\\' ? 2 : 1;
        }
        int brace = line.indexOf('{');
        boolean isOther = line.startsWith("#") || (brace >= 0 && brace < blank);
        int equals = line.indexOf('=', Math.min(blank, line.length()));
        int next = line.indexOf(' ', Math.min(blank + 1, line.length()));
        return !isOther && equals > blank + 1 && (next < 0 || equals < next);
    }

    /** Returns whether rows stand behind headers. */
    boolean hasHeaders() {
        return kind == Kind.SAMPLES || kind == Kind.GPUS;
    }

    /**
     * Returns whether a record of a text or of line protocol is a comment, or what an export writes before the lines.
     */
    boolean isComment(byte[] record) {
        if (kind != Kind.TEXT && kind != Kind.LINES) {
            return false;
        }
        int at = 0;
        while (at < record.length && record[at] <= ' ' && record[at] >= 0) {
            at++;
        }
        return at == record.length
                || record[at] == '#'
                || (kind == Kind.LINES && LineProtocolText.isComment(record, at, record.length));
    }

    /** Returns whether a record is a header, as the decoders have it: of a file that was appended to another one. */
    boolean isHeader(byte[] record) {
        if (!hasHeaders() || !names(record, TIME)) {
            return false;
        }
        Set<String> names = names(clean(new String(record, UTF_8)), delimiter);
        return kind == Kind.SAMPLES
                ? names.containsAll(Set.of(TIME, METRIC, VALUE))
                : names.contains(TIME) && names.stream().anyMatch(UUIDS::contains);
    }

    /** Returns whether the word stands in the record, in letters of any case: most rows are told by that. */
    private static boolean names(byte[] record, String word) {
        for (int from = 0; from + word.length() <= record.length; from++) {
            int same = 0;
            while (same < word.length() && Character.toLowerCase(record[from + same]) == word.charAt(same)) {
                same++;
            }
            if (same == word.length()) {
                return true;
            }
        }
        return false;
    }

    /** Returns the cells of a row as names of columns: without units, in small letters. */
    private static Set<String> names(String row, char delimiter) {
        return cells(row, delimiter).stream()
                .map(cell -> cell.contains(" [") ? cell.substring(0, cell.indexOf(" [")) : cell)
                .map(cell -> clean(cell).toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
    }

    private static List<String> cells(String row, char delimiter) {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < row.length(); i++) {
            char character = row.charAt(i);
            if (character == '"') {
                quoted = !quoted;
            } else if (character == delimiter && !quoted) {
                cells.add(cell.toString());
                cell.setLength(0);
            } else {
                cell.append(character);
            }
        }
        cells.add(cell.toString());
        return cells;
    }

    private static String clean(String text) {
        String stripped = text.strip();
        return stripped.startsWith(MARK_OF_BYTE_ORDER) ? stripped.substring(1).strip() : stripped;
    }
}

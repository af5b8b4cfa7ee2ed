package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.RowReader.Fields;
import io.gpufleet.telemetry.codec.RowReader.Labels;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The reading of one CSV text of samples. Used once, by one thread. */
final class CsvReading {
    private static final char[] DELIMITERS = {',', ';', '\t'};
    /** The columns that are no labels. */
    private static final int OTHER_COLUMNS = 12;

    private final SampleRules rules;
    private final Inflated source;
    private final Entries entries = new Entries("line");
    private final RowReader reader;
    private final Utf8 utf8;

    private CsvRows rows;
    private char delimiter = ',';
    private CsvCells splitter = new CsvCells(delimiter);
    /** The headers by the number of their line. */
    private final NavigableMap<Integer, Place> headers = new TreeMap<>();

    private @Nullable CsvHeader header;
    private @Nullable CodecException fault;
    private int lines;

    CsvReading(SampleRules rules, ScrapeContext context, Inflated source) {
        this.rules = rules;
        this.source = source;
        this.reader = new RowReader(rules, context, entries);
        this.utf8 = new Utf8(rules.counts());
        this.rows = new CsvRows(source);
    }

    /** Reads the whole text, or all of it before a header that cannot be used. */
    Entries read() {
        try {
            CsvHeader first = findHeader();
            header = first;
            while (rows.next() && !isCutOff()) {
                readRow();
                lines = rows.linesRead();
            }
        } catch (CodecException unusable) {
            fault = unusable;
        }
        return entries;
    }

    /** Returns whether the row is the beginning of a row whose end is missing. */
    private boolean isCutOff() {
        return rows.isQuoteOpen() && source.isCut();
    }

    /** Fails if the rest of the text could not be read. */
    void requireWhole() {
        if (lines == 0) {
            source.requireWhole(lines);
        }
        if (fault != null) {
            throw fault;
        }
        source.requireWhole(lines);
    }

    /**
     * Returns some of the rows that were read, with their header.
     *
     * @param chosen the rows, in their order
     */
    byte[] excerpt(List<Place> chosen) {
        Excerpt excerpt = new Excerpt(source.bytes(), 0);
        for (Place place : chosen) {
            Optional<Place> head =
                    Optional.ofNullable(headers.floorEntry(place.number())).map(Map.Entry::getValue);
            excerpt.add(head, place, place.to() == source.to());
        }
        return excerpt.bytes();
    }

    /** Finds the delimiter by which the first row is a header; the first one if there is none. */
    private CsvHeader findHeader() {
        long mostKnown = -1;
        List<String> cells = List.of();
        CsvRows found = rows;
        for (char candidate : DELIMITERS) {
            CsvRows attempt = new CsvRows(source);
            attempt.delimitBy(candidate);
            List<String> names = headerCells(attempt, candidate);
            long known = CsvHeader.known(names);
            if (known > mostKnown) {
                mostKnown = known;
                cells = names;
                found = attempt;
                delimiter = candidate;
            }
        }
        rows = found;
        splitter = new CsvCells(delimiter);
        lines = rows.linesRead();
        return header(rows.place(), cells);
    }

    private List<String> headerCells(CsvRows attempt, char candidate) {
        if (!attempt.next()
                || attempt.isQuoteOpen()
                || length(attempt.place()) > rules.limits().lineBytes()) {
            return List.of();
        }
        try {
            return new CsvCells(candidate).split(text(attempt.place()));
        } catch (CodecException noHeader) {
            return List.of();
        }
    }

    private void readRow() {
        Place place = rows.place();
        List<String> cells;
        try {
            requireReadable(place);
            cells = splitter.split(text(place));
            if (!CsvHeader.mayBeHeader(source.bytes(), place) || !CsvHeader.isHeader(cells)) {
                readCells(place, cells);
                return;
            }
        } catch (CodecException unreadable) {
            entries.refuse(place, unreadable.reason());
            return;
        }
        header = header(place, cells);
    }

    private void requireReadable(Place place) {
        if (rows.isQuoteOpen()) {
            throw refuse("quote opened in line " + rows.quoteLine() + " is never closed");
        }
        if (length(place) > rules.limits().lineBytes()) {
            throw refuse("row has " + length(place) + " bytes, the limit is "
                    + rules.limits().lineBytes());
        }
        if (rows.isOpen() && !rules.acceptsOpenEnd()) {
            throw refuse("no line feed ends the line");
        }
        if (rows.fields() != header().width() && !CsvHeader.mayBeHeader(source.bytes(), place)) {
            throw refuse("expected " + header().width() + " fields, found " + rows.fields());
        }
    }

    private void readCells(Place place, List<String> cells) {
        CsvHeader columns = header();
        if (cells.size() != columns.width()) {
            throw refuse("expected " + columns.width() + " fields, found " + cells.size());
        }
        Labels labels = new Labels(columns.labels(cells), reader.labels(columns.rawLabels(cells)));
        reader.read(place, new Fields(columns.time(cells), columns.metric(cells), value(columns, cells), labels));
    }

    /** Returns the value with a point for its comma, where commas separate no cells. */
    private String value(CsvHeader columns, List<String> cells) {
        String value = columns.value(cells);
        return delimiter == ',' ? value : value.replace(',', '.');
    }

    private CsvHeader header(Place place, List<String> cells) {
        headers.put(place.number(), place);
        return CsvHeader.of(cells, OTHER_COLUMNS + rules.limits().labels());
    }

    private CsvHeader header() {
        if (header == null) {
            throw new IllegalStateException("no header was read");
        }
        return header;
    }

    private String text(Place place) {
        return utf8.text(source.bytes(), place.from(), place.to());
    }

    private static int length(Place place) {
        return place.to() - place.from();
    }

    private static CodecException refuse(String reason) {
        return new CodecException(reason, 0);
    }
}

package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The reading of one CSV text, in one of the forms. Used once, by one thread. */
final class CsvReading implements SampleReading {
    private static final char[] DELIMITERS = {',', ';', '\t'};
    /** The bit that makes a letter of ASCII a small one. */
    private static final int LOWER_CASE = 0x20;

    private final SampleRules rules;
    private final Inflated source;
    private final Entries entries;
    private final CsvForm form;
    private final Utf8 utf8;

    private CsvRows rows;
    private char delimiter = ',';
    private CsvCells splitter = new CsvCells(delimiter);
    /** The headers by the number of their line. */
    private final NavigableMap<Integer, Place> headers = new TreeMap<>();

    private CsvForm.@Nullable Table table;
    private @Nullable CodecException fault;
    private int lines;

    private CsvReading(SampleRules rules, Inflated source, Entries entries, CsvForm form) {
        this.rules = rules;
        this.source = source;
        this.entries = entries;
        this.form = form;
        this.utf8 = new Utf8(rules.leftOut());
        this.rows = new CsvRows(source);
    }

    /** Begins the reading of a text of one sample a row. */
    static CsvReading ofSamples(SampleRules rules, ScrapeContext context, Inflated source) {
        Entries entries = new Entries("line", rules, context);
        CsvForm form = new SampleCsv(rules, source.bytes(), new RowReader(rules, context, entries));
        return new CsvReading(rules, source, entries, form);
    }

    /** Begins the reading of a text of nvidia-smi. */
    static CsvReading ofNvidiaSmi(SampleRules rules, ScrapeContext context, Inflated source) {
        Entries entries = new Entries("line", rules, context);
        CsvForm form = new NvidiaSmiCsv(rules, new RowReader(rules, context, entries));
        return new CsvReading(rules, source, entries, form);
    }

    @Override
    public Entries read() {
        try {
            table = findHeader();
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

    @Override
    public void requireWhole() {
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
    @Override
    public Optional<byte[]> excerpt(List<Place> chosen) {
        Excerpt excerpt = new Excerpt(source.bytes(), 0);
        // The first header tells the delimiter, which that of the rows may leave open.
        Optional.ofNullable(headers.firstEntry()).map(Map.Entry::getValue).ifPresent(excerpt::begin);
        for (Place place : chosen) {
            Optional<Place> head =
                    Optional.ofNullable(headers.floorEntry(place.number())).map(Map.Entry::getValue);
            excerpt.add(head, place, place.to() == source.to());
        }
        return Optional.of(excerpt.bytes());
    }

    /** Finds the delimiter by which the first row is a header; the first one if there is none. */
    private CsvForm.Table findHeader() {
        long mostKnown = -1;
        List<String> cells = List.of();
        CsvRows found = rows;
        for (char candidate : DELIMITERS) {
            CsvRows attempt = new CsvRows(source);
            attempt.delimitBy(candidate);
            List<String> names = headerCells(attempt, candidate);
            long known = form.known(names);
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
        return table(rows.place(), cells);
    }

    private List<String> headerCells(CsvRows attempt, char candidate) {
        if (!attempt.nextFull()
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
        if (isWhole(place) && table().readAgain(rows)) {
            return;
        }
        Optional<List<String>> cells = cells(place);
        if (cells.isEmpty()) {
            return;
        }
        if (mayBeHeader(place) && form.isHeader(cells.get())) {
            table = laterTable(place, cells.get());
            return;
        }
        if (cells.get().size() == table().width()) {
            table().require(place, cells.get());
        }
        readCells(place, cells.get());
    }

    private boolean isWhole(Place place) {
        return rows.fields() == table().width()
                && !rows.isQuoteOpen()
                && !rows.isOpen()
                && length(place) <= rules.limits().lineBytes();
    }

    /** Returns the cells of a row, none if they cannot be told. */
    private Optional<List<String>> cells(Place place) {
        try {
            requireReadable(place);
            return Optional.of(splitter.split(text(place)));
        } catch (CodecException unreadable) {
            entries.refuse(place, source.bytes(), unreadable.reason());
            return Optional.empty();
        }
    }

    private void readCells(Place place, List<String> cells) {
        try {
            if (cells.size() != table().width()) {
                throw refuse("expected " + table().width() + " fields, found " + cells.size());
            }
            table().read(rows, cells);
        } catch (CodecException unreadable) {
            entries.refuse(place, source.bytes(), unreadable.reason());
        }
    }

    /** Returns whether a row could be a header: it holds the name of a column that every header has. */
    private boolean mayBeHeader(Place row) {
        String mark = form.mark();
        for (int at = row.from(); at + mark.length() <= row.to(); at++) {
            if (isAt(mark, at)) {
                return true;
            }
        }
        return false;
    }

    private boolean isAt(String word, int at) {
        int same = 0;
        while (same < word.length() && (source.bytes()[at + same] | LOWER_CASE) == (word.charAt(same) | LOWER_CASE)) {
            same++;
        }
        return same == word.length();
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
        if (rows.fields() != table().width() && !mayBeHeader(place)) {
            throw refuse("expected " + table().width() + " fields, found " + rows.fields());
        }
    }

    private CsvForm.Table table(Place place, List<String> cells) {
        headers.put(place.number(), place);
        return form.table(cells, delimiter != ',');
    }

    private CsvForm.Table laterTable(Place place, List<String> cells) {
        try {
            return table(place, cells);
        } catch (CodecException unusable) {
            throw refuse("line " + place.number() + ": " + unusable.reason());
        }
    }

    private CsvForm.Table table() {
        if (table == null) {
            throw new IllegalStateException("no header was read");
        }
        return table;
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

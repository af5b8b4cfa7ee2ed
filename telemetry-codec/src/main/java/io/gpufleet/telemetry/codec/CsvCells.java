package io.gpufleet.telemetry.codec;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import io.gpufleet.telemetry.CodecException;
import java.util.List;

/**
 * A splitter of rows into cells. Each row is parsed by itself, so that a damaged one costs no other, and the width of
 * the first row is not taken for that of the header. Not thread-safe.
 */
final class CsvCells {
    private static final String PARSER = "de.siegmar.fastcsv.reader.CsvReader";

    private final CsvReader.CsvReaderBuilder parser;

    CsvCells(char delimiter) {
        this.parser = CsvReader.builder().fieldSeparator(delimiter).allowUnclosedQuote(false);
    }

    /** Proves that the library is there. */
    static void requireLibrary() {
        try {
            Class.forName(PARSER, false, CsvCells.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "CSV needs the library de.siegmar:fastcsv, which is not on the class path", e);
        }
    }

    /**
     * Splits a row.
     *
     * @param row the text of a row that is not empty, without the end of its line
     * @throws CodecException if a quotation mark is closed inside of a field
     */
    List<String> split(String row) {
        try {
            return parser.ofSingleCsvRecord(row).getFields();
        } catch (CsvParseException e) {
            throw new CodecException("text behind a closing quotation mark", 0);
        }
    }
}

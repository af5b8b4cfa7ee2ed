package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.RowReader.Fields;
import io.gpufleet.telemetry.codec.RowReader.Labels;
import java.util.List;

/** The long form of CSV: one sample a row. Used for one message, by one thread. */
final class SampleCsv implements CsvForm {
    /** The columns that are no labels. */
    private static final int OTHER_COLUMNS = 12;

    private final RowReader reader;
    private final int mostColumns;

    SampleCsv(SampleRules rules, RowReader reader) {
        this.reader = reader;
        this.mostColumns = OTHER_COLUMNS + rules.limits().labels();
    }

    @Override
    public String mark() {
        return CsvHeader.METRIC;
    }

    @Override
    public long known(List<String> cells) {
        return CsvHeader.known(cells);
    }

    @Override
    public boolean isHeader(List<String> cells) {
        return CsvHeader.isHeader(cells);
    }

    @Override
    public Table table(List<String> header, boolean decimalComma) {
        return new Samples(CsvHeader.of(header, mostColumns), reader, decimalComma);
    }

    /** The rows behind a header. */
    private record Samples(CsvHeader header, RowReader reader, boolean decimalComma) implements Table {
        @Override
        public int width() {
            return header.width();
        }

        @Override
        public void read(Place place, List<String> cells) {
            Labels labels = new Labels(header.labels(cells), reader.labels(header.rawLabels(cells)));
            reader.read(place, new Fields(header.time(cells), header.metric(cells), value(cells), labels));
        }

        private String value(List<String> cells) {
            String value = header.value(cells);
            return decimalComma ? value.replace(',', '.') : value;
        }
    }
}

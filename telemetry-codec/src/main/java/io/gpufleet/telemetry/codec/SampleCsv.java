package io.gpufleet.telemetry.codec;

import java.util.List;

/** The long form of CSV: one sample a row. Used for one message, by one thread. */
final class SampleCsv implements CsvForm {
    /** The columns that are no labels. */
    private static final int OTHER_COLUMNS = 12;

    private final SampleRules rules;
    private final byte[] text;
    private final RowReader reader;

    /**
     * Creates the form of a message.
     *
     * @param text the bytes of the message
     */
    SampleCsv(SampleRules rules, byte[] text, RowReader reader) {
        this.rules = rules;
        this.text = text;
        this.reader = reader;
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
        CsvHeader columns = CsvHeader.of(header, OTHER_COLUMNS + rules.limits().labels());
        return new SampleRows(columns, reader, decimalComma, new RecurringRows(text, columns, rules.zone()));
    }
}

package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.RowReader.Fields;
import io.gpufleet.telemetry.codec.RowReader.Labels;
import io.gpufleet.telemetry.codec.RowReader.Timed;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rows of samples behind a header. Used for one message, by one thread. */
final class SampleRows implements CsvForm.Table {
    private final CsvHeader header;
    private final RowReader reader;
    private final boolean decimalComma;
    private final RecurringRows recurring;

    SampleRows(CsvHeader header, RowReader reader, boolean decimalComma, RecurringRows recurring) {
        this.header = header;
        this.reader = reader;
        this.decimalComma = decimalComma;
        this.recurring = recurring;
    }

    @Override
    public int width() {
        return header.width();
    }

    @Override
    public boolean readAgain(CsvRows row) {
        GpuSubject subject = recurring.subject(row);
        GpuMetric metric = subject == null ? null : metric(row);
        if (subject == null || metric == null || !recurring.readNumber(row)) {
            return false;
        }
        Instant time = recurring.time(row);
        return time != null && reader.readValue(row.place(), metric, subject, new Timed(recurring.number(), time));
    }

    private @Nullable GpuMetric metric(CsvRows row) {
        Optional<GpuMetric> metric = recurring.metric(row, reader);
        return metric.isEmpty() || metric.get().isLabel() ? null : metric.get();
    }

    @Override
    public void read(CsvRows row, List<String> cells) {
        Place place = row.place();
        Labels labels = new Labels(header.labels(cells), reader.labels(header.rawLabels(cells)));
        Optional<GpuSubject> subject =
                reader.read(place, new Fields(header.time(cells), header.metric(cells), value(cells), labels));
        if (subject.isPresent() && !labels.isDamaged()) {
            recurring.put(row, subject.get());
        }
    }

    private String value(List<String> cells) {
        String value = header.value(cells);
        return decimalComma ? value.replace(',', '.') : value;
    }
}

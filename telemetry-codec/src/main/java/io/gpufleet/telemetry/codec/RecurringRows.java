package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The parts of CSV rows that stood in rows before, by their bytes: the time, the metric, and the subject by all cells
 * but time, metric and value. The labels of a row repeat the name of its metric, which is no part of the subject and is
 * cut out. Used for one message, by one thread.
 */
final class RecurringRows {
    private static final byte[] METRIC_NAME = "__name__=\"\"".getBytes(UTF_8);

    /** No byte of UTF-8. */
    private static final byte CUT = (byte) 0xff;

    private final byte[] text;
    private final CsvHeader header;
    private final TimeReader times;
    private final NumberReader number = new NumberReader();
    private final Recurring<GpuSubject> subjects = new Recurring<>();
    private final Recurring<Optional<GpuMetric>> metrics = new Recurring<>();

    private byte[] key = new byte[512];
    private int length;

    private @Nullable Instant time;
    private int timeFrom;
    private int timeTo;

    RecurringRows(byte[] text, CsvHeader header, @Nullable ZoneId zone) {
        this.text = text;
        this.header = header;
        this.times = new TimeReader(zone);
    }

    /** Returns the subject of a row, if it was put. */
    @Nullable
    GpuSubject subject(CsvRows row) {
        makeKey(row);
        return subjects.find(key, 0, length);
    }

    /** Puts the subject of a row. */
    void put(CsvRows row, GpuSubject subject) {
        makeKey(row);
        if (subjects.find(key, 0, length) == null) {
            subjects.put(Arrays.copyOf(key, length), 0, length, subject);
        }
    }

    /** Returns the metric of a row, none if it is not wanted. */
    Optional<GpuMetric> metric(CsvRows row, RowReader reader) {
        int from = row.begin(header.metricColumn());
        int to = row.end(header.metricColumn());
        Optional<GpuMetric> metric = metrics.find(text, from, to);
        if (metric == null) {
            String name = new String(text, from, to - from, UTF_8);
            metric = name.equals(name.strip()) ? reader.metric(name) : Optional.empty();
            metrics.put(text, from, to, metric);
        }
        return metric;
    }

    /** Reads the value of a row, and returns whether it is a number. */
    boolean readNumber(CsvRows row) {
        return number.read(text, row.begin(header.valueColumn()), row.end(header.valueColumn()));
    }

    NumberReader number() {
        return number;
    }

    /** Returns the time of a row, none if it cannot be read at once. */
    @Nullable
    Instant time(CsvRows row) {
        int from = row.begin(header.timeColumn());
        int to = row.end(header.timeColumn());
        if (time == null || !Arrays.equals(text, from, to, text, timeFrom, timeTo)) {
            time = readTime(new String(text, from, to - from, UTF_8));
            timeFrom = from;
            timeTo = to;
        }
        return time;
    }

    private @Nullable Instant readTime(String cell) {
        try {
            return times.read(cell);
        } catch (CodecException other) {
            return null;
        }
    }

    private void makeKey(CsvRows row) {
        length = 0;
        int row0 = row.place().from();
        if (key.length < row.place().to() - row0 + row.fields()) {
            key = new byte[2 * (row.place().to() - row0 + row.fields())];
        }
        for (int field = 0; field < row.fields(); field++) {
            if (field == header.labelsColumn()) {
                appendLabels(row.begin(field), row.end(field));
            } else if (field != header.timeColumn()
                    && field != header.metricColumn()
                    && field != header.valueColumn()) {
                append(row.begin(field), row.end(field));
            }
            // No cell without quotation marks has a line feed, so that no other cells have this key.
            key[length++] = '\n';
        }
    }

    private void append(int from, int to) {
        System.arraycopy(text, from, key, length, to - from);
        length += to - from;
    }

    /** Appends labels without the name of the metric, if it is certain where that stands. */
    private void appendLabels(int from, int to) {
        int name = metricName(from, to);
        int end = name < to ? closing(name + METRIC_NAME.length, to) : to;
        if (end == to) {
            append(from, to);
            return;
        }
        append(from, name);
        key[length++] = CUT;
        append(end, to);
    }

    /** Returns where the name of the metric begins, outside of all quotation marks; the end if it does not. */
    private int metricName(int from, int to) {
        boolean isQuoted = false;
        for (int at = from + 1; at + METRIC_NAME.length < to; at++) {
            if (text[at] == '\\') {
                return to;
            }
            if (text[at] == '"' && text[at + 1] == '"') {
                isQuoted = !isQuoted;
                at++;
            } else if (text[at] == '_' && !isQuoted && isMetricName(at)) {
                return at;
            }
        }
        return to;
    }

    private boolean isMetricName(int at) {
        int to = at + METRIC_NAME.length;
        boolean isBegin = text[at - 1] == '"' || text[at - 1] == ',';
        return isBegin && Arrays.equals(text, at, to, METRIC_NAME, 0, METRIC_NAME.length);
    }

    /** Returns the index of the quotation marks that close a value; the end if a backslash is before them. */
    private int closing(int from, int to) {
        int at = from;
        while (at + 1 < to && text[at] != '"' && text[at] != '\\') {
            at++;
        }
        return at + 1 < to && text[at] == '"' && text[at + 1] == '"' ? at : to;
    }
}

package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.RowReader.Labels;
import io.gpufleet.telemetry.codec.SampleJudge.Reading;
import io.gpufleet.telemetry.codec.SampleJudge.Texts;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.Readings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rows of nvidia-smi behind a header: a GPU each, with a reading in a cell. Used for one message, by one thread.
 */
final class NvidiaSmiRows implements CsvForm.Table {

    /**
     * A column of readings.
     *
     * @param index its index
     * @param name its name in the header, with its unit
     * @param column what it holds
     */
    private record Metric(int index, String name, NvidiaSmiColumn column) {
        /** Returns the unit in the name. */
        String unit() {
            int from = name.indexOf('[');
            int to = name.indexOf(']');
            return from < 0 || to < from ? "" : name.substring(from + 1, to);
        }
    }

    /**
     * A row.
     *
     * @param place where it stands
     * @param subject its GPU
     * @param time its time
     */
    private record Gpu(Place place, GpuSubject subject, Instant time) {}

    private final LeftOut leftOut;
    private final RowReader reader;
    private final TimeReader times;
    private final NumberReader number = new NumberReader();
    private final int width;
    private final boolean decimalComma;

    private int time;
    private final Map<Integer, String> labels = new LinkedHashMap<>();
    private final List<Metric> metrics = new ArrayList<>();
    /** The metrics and labels of the columns so far: nvidia-smi prints a column as often as it was asked for. */
    private final Set<String> seen = new HashSet<>();

    NvidiaSmiRows(SampleRules rules, RowReader reader, int width, boolean decimalComma) {
        this.leftOut = rules.leftOut();
        this.reader = reader;
        this.times = new TimeReader(rules.zone());
        this.width = width;
        this.decimalComma = decimalComma;
    }

    void addTime(int index) {
        time = index;
    }

    /** Adds a column that describes the GPU; an empty label is none. */
    void addLabel(int index, String label) {
        if (!label.isEmpty() && seen.add(label)) {
            labels.put(index, label);
        }
    }

    void addMetric(int index, String name, NvidiaSmiColumn column) {
        if (seen.add(column.metric().name())) {
            metrics.add(new Metric(index, name, column));
        }
    }

    @Override
    public int width() {
        return width;
    }

    /** Refuses the text for its first local time if no zone is known: all of its rows have such times. */
    @Override
    public void require(Place place, List<String> cells) {
        try {
            times.readLocal(cells.get(time));
        } catch (CodecException fault) {
            if (times.lacksZone()) {
                throw refuse("line " + place.number() + ": " + fault.reason());
            }
        }
    }

    @Override
    public void read(CsvRows row, List<String> cells) {
        Instant instant = times.readLocal(cells.get(time));
        reader.subject(new Labels(labels(cells), Map.of())).ifPresent(subject -> {
            Gpu gpu = new Gpu(row.place(), subject, instant);
            metrics.forEach(
                    metric -> read(gpu, metric, cells.get(metric.index()).strip()));
        });
    }

    private void read(Gpu gpu, Metric metric, String cell) {
        if (Readings.isAbsent(cell)) {
            leftOut.addNoValue();
            return;
        }
        try {
            String text = metric.column().number(decimalComma ? cell.replace(',', '.') : cell, metric.unit());
            if (!number.read(text)) {
                throw refuse("value " + Quotation.of(cell) + " is not a number");
            }
            reader.read(gpu.place(), reading(gpu, metric), texts(gpu, text));
        } catch (CodecException fault) {
            reader.refuse(gpu.place(), gpu.subject(), metric.column().metric(), metric.name() + ": " + fault.reason());
        }
    }

    private Reading reading(Gpu gpu, Metric metric) {
        return new Reading(metric.column().metric(), gpu.subject(), number.value(), number.isDecimal());
    }

    private static Texts texts(Gpu gpu, String number) {
        return new Texts() {
            @Override
            public Instant time() {
                return gpu.time();
            }

            @Override
            public String number() {
                return number;
            }
        };
    }

    private Map<String, String> labels(List<String> cells) {
        Map<String, String> found = new LinkedHashMap<>();
        labels.forEach((index, label) -> {
            String value = cells.get(index).strip();
            if (!value.isEmpty()) {
                found.put(label, value);
            }
        });
        return found;
    }

    private static CodecException refuse(String reason) {
        return new CodecException(reason, 0);
    }
}

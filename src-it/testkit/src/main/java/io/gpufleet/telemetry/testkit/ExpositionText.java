package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.MetricKind;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A writer of exposition text. */
final class ExpositionText implements SampleWriter {
    private static final int BYTES_OF_ROW = 256;
    private static final int LONGEST_CUT = 60;

    /** The rates that exporters declare as counters. */
    private static final Set<SimulatedMetric> DECLARED_COUNTERS = EnumSet.of(
            SimulatedMetric.NVLINK_BANDWIDTH_TOTAL,
            SimulatedMetric.PCIE_TX_THROUGHPUT,
            SimulatedMetric.PCIE_RX_THROUGHPUT);

    private final ExpositionForm form;
    /** The labels of subjects by their numbers, without braces. */
    private final byte[][] labels = new byte[HostScrape.MOST_SUBJECTS][];

    private final Set<SimulatedMetric> declared = EnumSet.noneOf(SimulatedMetric.class);
    private ByteText text = new ByteText(0);
    private Instant time = Instant.EPOCH;
    private String timeText = "";
    private int lines;

    ExpositionText(ExpositionForm form) {
        this.form = form;
    }

    @Override
    public byte[] write(List<SampleRow> rows, int[] places) {
        declared.clear();
        lines = 0;
        text = new ByteText(rows.size() * BYTES_OF_ROW);
        if (isOfFirstExporters(rows.get(0))) {
            rows.forEach(this::declare);
        }
        for (int i = 0; i < places.length; i++) {
            declare(rows.get(i));
            add(rows.get(i));
            places[i] = ++lines;
        }
        return form == ExpositionForm.OPEN_METRICS ? text.add("# EOF\n").bytes() : text.bytes();
    }

    private static boolean isOfFirstExporters(SampleRow row) {
        return row.subject().names() == GpuFleetGenerator.Names.FIRST_EXPORTERS;
    }

    /** Adds the lines with the help and the type of a metric, once. */
    private void declare(SampleRow row) {
        SimulatedMetric metric = row.metric();
        if (!declared.add(metric)) {
            return;
        }
        String name = metric.name(row.subject().names());
        text.add("# HELP ").add(name).add(" Field ").add(metric.stored().fieldId(), 1);
        text.add(" (in ").add(metric.stored().unit()).add(").\n");
        text.add("# TYPE ").add(name).add(isDeclaredCounter(metric) ? " counter\n" : " gauge\n");
        lines += 2;
    }

    private static boolean isDeclaredCounter(SimulatedMetric metric) {
        return metric.stored().kind() == MetricKind.COUNTER || DECLARED_COUNTERS.contains(metric);
    }

    private void add(SampleRow row) {
        text.add(row.metric().name(row.subject().names()));
        if (form == ExpositionForm.OPEN_METRICS && isDeclaredCounter(row.metric())) {
            text.add("_total");
        }
        byte[] ofSubject = labels(row.subject());
        text.add('{');
        if (row.hasFault(SampleFault.CUT)) {
            text.add(ofSubject, Noise.between(1, LONGEST_CUT, Noise.of(row.noise(), 2)));
        } else {
            text.add(ofSubject);
            row.attributes().forEach((name, value) -> LabelText.add(text.add(','), name, value));
            addReading(row);
        }
        text.add('\n');
    }

    private void addReading(SampleRow row) {
        if (row.hasFault(SampleFault.OPEN_QUOTES)) {
            text.add(',').add(LabelText.UNESCAPED);
        }
        text.add("} ");
        FaultText.add(text, row, row.fault());
        text.add(time(row.time()));
    }

    private String time(Instant instant) {
        if (!instant.equals(time)) {
            time = instant;
            timeText = form.time(instant);
        }
        return timeText;
    }

    private byte[] labels(SampleSubject subject) {
        if (labels[subject.number()] == null) {
            boolean isSpaced = subject.names() == GpuFleetGenerator.Names.FIRST_EXPORTERS;
            labels[subject.number()] = LabelText.list(subject.labels(), isSpaced ? ", " : ",");
        }
        return labels[subject.number()];
    }
}

package io.gpufleet.telemetry.benchmarks.codec;

import io.gpufleet.telemetry.benchmarks.codec.Figures.Cell;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.util.List;
import java.util.Locale;

/** The goals of the SDK's forms, beside the measured figures. */
final class Goals {
    private final Figures figures;
    private final Table table = new Table("goal", "pods", "measured", "");

    private Goals(Figures figures) {
        this.figures = figures;
    }

    static Table of(Figures figures) {
        Goals goals = new Goals(figures);
        CodecRun.PODS.forEach(goals::addSpeed);
        List.of(WireForm.FIXED, WireForm.VARINT)
                .forEach(form -> CodecRun.PODS.forEach(pods -> goals.addAllocation(form, pods)));
        return goals.table;
    }

    private void addSpeed(int pods) {
        addSpeed(pods, "no slower than SBE", WireForm.SBE, 1);
        addSpeed(pods, "at least 2 x faster than Fory", WireForm.FORY, 2);
        addSpeed(pods, "at least 2 x faster than protobuf", WireForm.PROTOBUF, 2);
        addSpeed(pods, "at least 7 x faster than Kryo", WireForm.KRYO, 7);
    }

    private void addSpeed(int pods, String goal, WireForm peer, double factor) {
        double times = figures.nanos(Cell.decode(peer, pods)).median()
                / figures.nanos(Cell.decode(WireForm.FIXED, pods)).median();
        add("fixed: decode " + goal, pods, Table.number(times, 2) + " x", times >= factor);
    }

    private void addAllocation(WireForm form, int pods) {
        String name = form.name().toLowerCase(Locale.ROOT);
        addNothing(
                name + ": decode allocates nothing beside the record",
                pods,
                figures.bytes(Cell.decode(form, pods)) - figures.bytes(Cell.recordAlone(pods)));
        addNothing(
                name + ": encode into a buffer allocates nothing",
                pods,
                figures.bytes(Cell.encodeIntoBuffer(form, pods)));
    }

    private void addNothing(String goal, int pods, double bytes) {
        // JMH itself allocates a little between two readings: a fraction of a byte per call.
        long whole = Math.round(bytes);
        add(goal, pods, whole + " B", whole <= 0);
    }

    private void add(String goal, int pods, String measured, boolean met) {
        table.add(goal, Integer.toString(pods), measured, met ? "met" : "missed");
    }
}

package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.jdbc.query.FleetReading;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The readings of a fleet: with their units for people, and as numbers for programs. */
final class FleetReadings {
    /** Units of readings that do not add up. */
    private static final Set<String> NOT_SUMMED = Set.of("C", "%", "MHz", "gen", "lanes");

    private static final double MILLI = 1e-3;
    private static final double NANO = 1e-9;

    private FleetReadings() {}

    static Table table(Map<GpuReading, FleetReading> readings) {
        Table table = new Table(
                "Readings",
                List.of(Column.text("reading"), Column.count("gpus"), Column.figure("mean"), Column.figure("sum")));
        new TreeMap<>(readings)
                .forEach((reading, of) -> table.add(Arrays.asList(
                        name(reading),
                        of.gpus(),
                        text(of.mean(), reading.unit()),
                        NOT_SUMMED.contains(reading.unit()) ? null : text(of.sum(), reading.unit()))));
        return table;
    }

    private static String name(GpuReading reading) {
        return reading.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Returns a value of a column as people read it; bytes are those of an event's MiB. */
    private static String text(double value, String unit) {
        return switch (unit) {
            case "C" -> Text.celsius(value);
            case "%" -> Text.percent(value);
            case "W" -> Text.quantity(value, "W");
            case "MiB" -> Text.bytes(value);
            case "MiB/s" -> Text.bytes(value) + "/s";
            case "mJ" -> Text.quantity(value * MILLI, "J");
            case "ns" -> String.format(Locale.ROOT, "%,.1f s", value * NANO);
            case "MHz" -> Text.count(Math.round(value)) + " MHz";
            default -> number(value);
        };
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Text.count((long) value) : String.format(Locale.ROOT, "%,.1f", value);
    }

    /** Returns the readings for programs, by the names and in the units of their columns. */
    static List<Map<String, Object>> records(Map<GpuReading, FleetReading> readings) {
        return new TreeMap<>(readings)
                .entrySet().stream()
                        .map(entry -> fields(entry.getKey(), entry.getValue()))
                        .toList();
    }

    private static Map<String, Object> fields(GpuReading reading, FleetReading of) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("reading", reading.column());
        fields.put("gpus", of.gpus());
        fields.put("mean", of.mean());
        fields.put("sum", of.sum());
        return fields;
    }
}

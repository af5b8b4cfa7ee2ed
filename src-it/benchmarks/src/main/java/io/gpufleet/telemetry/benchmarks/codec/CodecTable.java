package io.gpufleet.telemetry.benchmarks.codec;

import io.gpufleet.telemetry.benchmarks.codec.Figures.Cell;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.runner.RunnerException;

/** The program that measures the wire forms of the heartbeat side by side and prints one table. */
public final class CodecTable {
    private static final String[] HEADINGS = {
        "format",
        "pods",
        "message B",
        "decode ns",
        "",
        "B",
        "x fixed",
        "encode ns",
        "",
        "B",
        "x fixed",
        "into buffer ns",
        "",
        "B",
        "x fixed"
    };

    private final Figures figures;
    private final Table table = new Table(HEADINGS);

    private CodecTable(Figures figures) {
        this.figures = figures;
    }

    /**
     * Runs the program.
     *
     * @param arguments the extent, {@code quick} or {@code full}, and a directory for JMH's output
     */
    public static void main(String[] arguments) throws IOException, RunnerException {
        Effort effort = Effort.valueOf(arguments[0].toUpperCase(Locale.ROOT));
        Path directory = Path.of(arguments[1]);
        System.out.println("Codec: a heartbeat to bytes and back, " + effort + "; JMH writes to " + directory + "\n");
        System.out.println(measure(effort, directory));
    }

    /** Measures, and returns the text to print. */
    static String measure(Effort effort, Path directory) throws IOException, RunnerException {
        return new CodecTable(new CodecRun(effort, directory).run()).text();
    }

    private String text() {
        for (int pods : CodecRun.PODS) {
            addRecord(pods);
            for (WireForm form : WireForm.values()) {
                add(form, pods);
            }
        }
        return table + "\n" + Goals.of(figures) + "\n" + settings() + "\n" + machine();
    }

    private void addRecord(int pods) {
        List<String> row = new ArrayList<>(List.of("the record alone", Integer.toString(pods), ""));
        addFigures(row, Cell.recordAlone(pods), Cell.decode(WireForm.FIXED, pods));
        row.addAll(Collections.nCopies(HEADINGS.length - row.size(), ""));
        table.add(row.toArray(String[]::new));
    }

    private void add(WireForm form, int pods) {
        Format format = form.open();
        List<String> row = new ArrayList<>(
                List.of(format.name(), Integer.toString(pods), Table.number(messageBytes(format, pods), 0)));
        addFigures(row, Cell.decode(form, pods), Cell.decode(WireForm.FIXED, pods));
        addFigures(row, Cell.encode(form, pods), Cell.encode(WireForm.FIXED, pods));
        addFigures(row, Cell.encodeIntoBuffer(form, pods), Cell.encodeIntoBuffer(WireForm.FIXED, pods));
        table.add(row.toArray(String[]::new));
    }

    private void addFigures(List<String> row, Cell cell, Cell fixed) {
        double nanos = figures.nanos(cell).median();
        row.add(Table.number(nanos, 1));
        row.add(figures.nanos(cell).spreadText());
        row.add(Table.number(figures.bytes(cell), 0));
        row.add(Table.number(nanos / figures.nanos(fixed).median(), 2));
    }

    private static double messageBytes(Format format, int pods) {
        return Arrays.stream(FleetHeartbeats.of(pods))
                .mapToInt(heartbeat -> format.encode(heartbeat).length)
                .average()
                .orElseThrow();
    }

    private static String settings() {
        return Arrays.stream(WireForm.values())
                .map(WireForm::open)
                .map(format -> format.name() + ": " + format.settings())
                .collect(Collectors.joining("\n"));
    }

    private static String machine() {
        return System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version") + ": "
                + String.join(" ", CodecRun.FLAGS) + "; " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch") + ", processors: "
                + Runtime.getRuntime().availableProcessors();
    }
}

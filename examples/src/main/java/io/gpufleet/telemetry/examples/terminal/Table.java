package io.gpufleet.telemetry.examples.terminal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A titled table with aligned columns. Not thread-safe. */
public final class Table {
    private static final String INDENT = "  ";
    private static final String GAP = "  ";

    private final String title;
    private final List<Column> columns;
    private final List<List<String>> lines = new ArrayList<>();

    public Table(String title, List<Column> columns) {
        this.title = title;
        this.columns = columns;
        lines.add(columns.stream().map(Column::header).toList());
    }

    /** Adds a row with a value for every column; null is left empty. */
    public void add(List<?> values) {
        lines.add(IntStream.range(0, columns.size())
                .mapToObj(i ->
                        values.get(i) == null ? "" : columns.get(i).format().apply(values.get(i)))
                .toList());
    }

    public void print(PrintStream out) {
        out.println();
        out.println(title);
        lines.forEach(line -> out.println(aligned(line)));
    }

    private String aligned(List<String> cells) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> padded(cells.get(i), i))
                .collect(Collectors.joining(GAP, INDENT, ""))
                .stripTrailing();
    }

    private String padded(String cell, int column) {
        int width =
                lines.stream().mapToInt(line -> line.get(column).length()).max().orElse(0);
        String filling = " ".repeat(width - cell.length());
        return columns.get(column).alignedRight() ? filling + cell : cell + filling;
    }
}

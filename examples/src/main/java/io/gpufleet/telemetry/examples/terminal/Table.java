package io.gpufleet.telemetry.examples.terminal;

import static java.util.Collections.unmodifiableList;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A titled table with aligned columns. Not thread-safe. */
public final class Table {
    private static final String INDENT = "  ";
    private static final String GAP = "  ";

    private final String title;
    private final List<Column> columns;
    private final List<List<@Nullable Object>> rows = new ArrayList<>();

    public Table(String title, List<Column> columns) {
        this.title = title;
        this.columns = columns;
    }

    /** Adds a row with a value for every column; null is left empty. */
    public void add(List<?> values) {
        rows.add(unmodifiableList(new ArrayList<>(values)));
    }

    /** Returns the number of rows. */
    public int size() {
        return rows.size();
    }

    public void print(PrintStream out) {
        out.println();
        lines().forEach(out::println);
    }

    /** Returns the title, the headers, and a line for each row, of any length. */
    public List<String> lines() {
        return lines(Integer.MAX_VALUE);
    }

    /**
     * Returns the title, the headers, and lines for each row, fitted to a width if possible: see {@link TableLayout}.
     */
    public List<String> lines(int width) {
        if (rows.isEmpty()) {
            return List.of(title, INDENT + "none");
        }
        List<List<String>> cells = rows.stream().map(this::texts).toList();
        return Stream.concat(Stream.of(title), new TableLayout(columns, cells, width).lines().stream())
                .toList();
    }

    /** Returns the title, and a line for each value of the only row, after its header. */
    public List<String> uprightLines() {
        List<String> values = texts(rows.get(0));
        int widest = columns.stream()
                .mapToInt(column -> column.header().length())
                .max()
                .orElse(0);
        return Stream.concat(
                        Stream.of(title),
                        IntStream.range(0, columns.size())
                                .mapToObj(i -> upright(columns.get(i).header(), values.get(i), widest)))
                .toList();
    }

    private static String upright(String header, String value, int widest) {
        return (INDENT + header + " ".repeat(widest - header.length()) + GAP + value).stripTrailing();
    }

    /** Returns the rows for programs: values under the names of their columns. */
    public List<Map<String, @Nullable Object>> records() {
        return rows.stream().map(this::named).toList();
    }

    private Map<String, @Nullable Object> named(List<@Nullable Object> row) {
        Map<String, @Nullable Object> named = new LinkedHashMap<>();
        IntStream.range(0, columns.size()).forEach(i -> named.put(columns.get(i).name(), row.get(i)));
        return named;
    }

    private List<String> texts(List<@Nullable Object> row) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> {
                    Object value = row.get(i);
                    Column column = columns.get(i);
                    return value == null ? column.absent() : column.format().apply(value);
                })
                .toList();
    }
}

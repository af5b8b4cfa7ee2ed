package io.gpufleet.telemetry.examples.terminal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The columns of a table that fit a width: first sentences are moved to lines of their own, then dispensable columns
 * are left out, and only then names are cut. Immutable.
 */
final class TableLayout {
    private static final String INDENT = "  ";
    private static final String GAP = "  ";

    private final List<Column> columns;
    private final List<List<String>> rows;
    private final int width;

    /**
     * Prepares a layout.
     *
     * @param columns the columns of the table
     * @param rows a text for each column
     * @param width the longest allowed line
     */
    TableLayout(List<Column> columns, List<List<String>> rows, int width) {
        this.columns = columns;
        this.rows = rows;
        this.width = width;
    }

    List<String> lines() {
        List<Integer> shown = new ArrayList<>();
        columns.forEach(column -> shown.add(shown.size()));
        List<Integer> wrapped = new ArrayList<>();
        List<Integer> left = new ArrayList<>();
        if (!fits(shown)) {
            move(shown, wrapped, column -> columns.get(column).narrow() == Column.Narrow.WRAPPED);
        }
        while (!fits(shown)
                && shown.stream().anyMatch(column -> columns.get(column).dispensable() > 0)) {
            Integer least = shown.stream()
                    .max(Comparator.comparing(column -> columns.get(column).dispensable()))
                    .orElseThrow();
            move(shown, left, least::equals);
        }
        List<String> lines = table(shown, wrapped);
        if (!left.isEmpty()) {
            lines.addAll(Text.wrapped(width, INDENT, "Too narrow for: " + headers(left)));
        }
        return lines;
    }

    private static void move(List<Integer> from, List<Integer> to, Predicate<Integer> which) {
        from.stream().filter(which).forEach(to::add);
        from.removeAll(to);
    }

    private String headers(List<Integer> which) {
        return which.stream()
                .sorted()
                .map(column -> columns.get(column).header())
                .collect(Collectors.joining(", "));
    }

    private boolean fits(List<Integer> shown) {
        int taken = INDENT.length() + GAP.length() * (shown.size() - 1);
        for (int column : shown) {
            taken += cells(column).mapToInt(String::length).max().orElse(0);
        }
        return taken <= width;
    }

    private Stream<String> cells(int column) {
        return Stream.concat(
                Stream.of(columns.get(column).header()), rows.stream().map(row -> row.get(column)));
    }

    private List<String> table(List<Integer> shown, List<Integer> wrapped) {
        List<List<String>> cells = new ArrayList<>();
        cells.add(shown.stream().map(column -> columns.get(column).header()).toList());
        rows.forEach(row -> cells.add(shown.stream().map(row::get).toList()));
        boolean[] cut = new boolean[shown.size()];
        for (int i = 0; i < cut.length; i++) {
            cut[i] = columns.get(shown.get(i)).narrow() == Column.Narrow.CUT;
        }
        List<List<String>> fitting = new ColumnFit(cut, width - INDENT.length(), GAP.length()).cut(cells);
        List<String> lines = new ArrayList<>(List.of(aligned(shown, fitting, 0)));
        for (int row = 0; row < rows.size(); row++) {
            lines.add(aligned(shown, fitting, row + 1));
            for (int column : wrapped) {
                lines.addAll(Text.wrapped(width, INDENT + INDENT, rows.get(row).get(column)));
            }
        }
        return lines;
    }

    private String aligned(List<Integer> shown, List<List<String>> cells, int line) {
        List<String> padded = new ArrayList<>();
        for (int i = 0; i < shown.size(); i++) {
            int column = i;
            int widest = cells.stream()
                    .mapToInt(row -> row.get(column).length())
                    .max()
                    .orElse(0);
            String cell = cells.get(line).get(i);
            String filling = " ".repeat(widest - cell.length());
            padded.add(columns.get(shown.get(i)).alignedRight() ? filling + cell : cell + filling);
        }
        return (INDENT + String.join(GAP, padded)).stripTrailing();
    }
}

package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The header of a CSV text: which column holds what. Names are compared without regard to case; columns that are not
 * known are labels. Immutable.
 */
final class CsvHeader {
    private static final String TIME = "timestamp";
    static final String METRIC = "metric_name";
    private static final String VALUE = "value";
    private static final String LABELS = "labels_raw";
    private static final String UUID = "uuid";
    private static final List<String> NEEDED = List.of(TIME, METRIC, UUID, VALUE);
    private static final int NONE = -1;

    /** The columns that mean what a label of another name means. */
    private static final Map<String, String> LABEL_NAMES = Map.of(
            "gpu_id",
            "gpu",
            UUID,
            "UUID",
            "modelname",
            "modelName",
            "hostname",
            "Hostname",
            "device",
            "device",
            "container",
            "container",
            "pod",
            "pod",
            "namespace",
            "namespace");

    private final List<String> names;
    private final Map<String, Integer> columns;
    private final List<String> labels;

    private CsvHeader(List<String> names, Map<String, Integer> columns) {
        this.names = names;
        this.columns = columns;
        List<String> labels = new ArrayList<>();
        for (String name : names) {
            String known = name.toLowerCase(Locale.ROOT);
            boolean isLabel =
                    !known.equals(TIME) && !known.equals(METRIC) && !known.equals(VALUE) && !known.equals(LABELS);
            labels.add(isLabel ? LABEL_NAMES.getOrDefault(known, name) : "");
        }
        this.labels = List.copyOf(labels);
    }

    /** Returns whether cells are the names of a header: of a file that was appended to another one. */
    static boolean isHeader(List<String> cells) {
        Set<String> names = new HashSet<>();
        for (String cell : cells) {
            names.add(clean(cell).toLowerCase(Locale.ROOT));
        }
        return names.containsAll(List.of(TIME, METRIC, VALUE));
    }

    /** Returns whether cells name the metrics or the values, which other forms of CSV do not. */
    static boolean isOfSamples(List<String> cells) {
        return cells.stream()
                .map(CsvHeader::clean)
                .anyMatch(cell -> cell.equalsIgnoreCase(METRIC) || cell.equalsIgnoreCase(VALUE));
    }

    /** Returns whether cells name the metrics, in the word that only a header of samples has. */
    static boolean namesMetrics(List<String> cells) {
        return cells.stream().map(CsvHeader::clean).anyMatch(METRIC::equalsIgnoreCase);
    }

    /** Returns the number of needed columns that cells name. */
    static long known(List<String> cells) {
        return cells.stream()
                .map(cell -> clean(cell).toLowerCase(Locale.ROOT))
                .filter(NEEDED::contains)
                .distinct()
                .count();
    }

    /**
     * Reads a header.
     *
     * @param most the most columns
     * @throws CodecException if a column is missing, or stands twice
     */
    static CsvHeader of(List<String> cells, int most) {
        if (cells.size() > most) {
            throw refuse("header has " + cells.size() + " columns, the limit is " + most);
        }
        if (known(cells) == 0) {
            throw refuse("no header line");
        }
        Map<String, Integer> columns = new LinkedHashMap<>();
        for (String cell : cells) {
            String name = clean(cell);
            if (columns.put(name.toLowerCase(Locale.ROOT), columns.size()) != null) {
                throw refuse("column " + Quotation.of(name) + " stands twice");
            }
        }
        requireNeeded(columns);
        return new CsvHeader(cells.stream().map(CsvHeader::clean).toList(), columns);
    }

    private static void requireNeeded(Map<String, Integer> columns) {
        List<String> missing =
                NEEDED.stream().filter(name -> !columns.containsKey(name)).toList();
        if (!missing.isEmpty()) {
            throw refuse("columns missing: " + String.join(", ", missing));
        }
    }

    /** Returns a name without the mark that spreadsheets put before the first one. */
    static String clean(String cell) {
        String name = cell.strip();
        return name.startsWith("\ufeff") ? name.substring(1) : name;
    }

    private static CodecException refuse(String reason) {
        return new CodecException(reason, 0);
    }

    /** Returns the index of the column of times. */
    int timeColumn() {
        return columns.getOrDefault(TIME, NONE);
    }

    /** Returns the index of the column of metrics. */
    int metricColumn() {
        return columns.getOrDefault(METRIC, NONE);
    }

    /** Returns the index of the column of values. */
    int valueColumn() {
        return columns.getOrDefault(VALUE, NONE);
    }

    /** Returns the index of the column of labels, below 0 if there is none. */
    int labelsColumn() {
        return columns.getOrDefault(LABELS, NONE);
    }

    int width() {
        return names.size();
    }

    String time(List<String> cells) {
        return cell(cells, TIME);
    }

    String metric(List<String> cells) {
        return cell(cells, METRIC);
    }

    String value(List<String> cells) {
        return cell(cells, VALUE);
    }

    String rawLabels(List<String> cells) {
        return cell(cells, LABELS);
    }

    private String cell(List<String> cells, String name) {
        int column = columns.getOrDefault(name, NONE);
        return column == NONE ? "" : cells.get(column).strip();
    }

    /** Returns the cells that are labels, by the names that labels have; empty ones are left out. */
    Map<String, String> labels(List<String> cells) {
        int uuid = columns.getOrDefault(UUID, NONE);
        Map<String, String> found = new LinkedHashMap<>();
        for (int i = 0; i < cells.size(); i++) {
            String cell = i == uuid ? cells.get(i).strip() : cells.get(i);
            if (!labels.get(i).isEmpty() && !cell.isEmpty()) {
                found.put(labels.get(i), cell);
            }
        }
        return found;
    }
}

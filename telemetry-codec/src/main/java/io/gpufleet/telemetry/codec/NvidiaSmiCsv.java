package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The form of CSV of nvidia-smi: all readings of a GPU in a row. Used for one message, by one thread. */
final class NvidiaSmiCsv implements CsvForm {
    private static final String TIME = "timestamp";
    private static final String UUID = "uuid";
    private static final String OTHER_UUID = "gpu_uuid";
    /** Several times as many as nvidia-smi has. */
    private static final int MOST_COLUMNS = 1000;

    /** The columns that describe the GPU, by the labels that mean the same. */
    private static final Map<String, String> LABELS = Map.ofEntries(
            Map.entry(UUID, "UUID"),
            Map.entry(OTHER_UUID, "UUID"),
            Map.entry("index", "gpu"),
            Map.entry("name", "modelName"),
            Map.entry("gpu_name", "modelName"),
            Map.entry("pci.bus_id", "pci_bus_id"),
            Map.entry("gpu_bus_id", "pci_bus_id"),
            Map.entry("serial", "serial"),
            Map.entry("gpu_serial", "serial"),
            Map.entry("driver_version", "driver_version"),
            Map.entry("vbios_version", "vbios_version"));

    private final SampleRules rules;
    private final RowReader reader;

    NvidiaSmiCsv(SampleRules rules, RowReader reader) {
        this.rules = rules;
        this.reader = reader;
    }

    @Override
    public String mark() {
        return TIME;
    }

    @Override
    public long known(List<String> cells) {
        return knownColumns(cells);
    }

    /** Returns the number of columns of nvidia-smi that cells name. */
    static long knownColumns(List<String> cells) {
        return cells.stream()
                .map(NvidiaSmiCsv::name)
                .filter(NvidiaSmiCsv::isKnown)
                .count();
    }

    /** Returns whether cells name a reading of nvidia-smi. */
    static boolean hasReadings(List<String> cells) {
        return cells.stream().map(NvidiaSmiCsv::name).anyMatch(name -> NvidiaSmiColumn.named(name) != null);
    }

    private static boolean isKnown(String name) {
        return name.equals(TIME) || LABELS.containsKey(name) || NvidiaSmiColumn.named(name) != null;
    }

    @Override
    public boolean isHeader(List<String> cells) {
        return missing(cells).isEmpty();
    }

    @Override
    public Table table(List<String> header, boolean decimalComma) {
        if (header.size() > MOST_COLUMNS) {
            throw refuse("header has " + header.size() + " columns, the limit is " + MOST_COLUMNS);
        }
        if (knownColumns(header) == 0) {
            throw refuse("no header line");
        }
        List<String> missing = missing(header);
        if (!missing.isEmpty()) {
            throw refuse("columns missing: " + String.join(", ", missing));
        }
        NvidiaSmiRows rows = new NvidiaSmiRows(rules, reader, header.size(), decimalComma);
        for (int i = 0; i < header.size(); i++) {
            String name = name(header.get(i));
            NvidiaSmiColumn column = NvidiaSmiColumn.named(name);
            if (column != null) {
                rows.addMetric(i, CsvHeader.clean(header.get(i)), column);
            } else if (name.equals(TIME)) {
                rows.addTime(i);
            } else {
                rows.addLabel(i, LABELS.getOrDefault(name, ""));
            }
        }
        return rows;
    }

    private static List<String> missing(List<String> cells) {
        Set<String> names = cells.stream().map(NvidiaSmiCsv::name).collect(Collectors.toSet());
        List<String> missing = new ArrayList<>();
        if (!names.contains(TIME)) {
            missing.add(TIME);
        }
        if (!names.contains(UUID) && !names.contains(OTHER_UUID)) {
            missing.add(UUID);
        }
        return missing;
    }

    /** Returns the name of a column without its unit, in small letters. */
    private static String name(String cell) {
        String name = CsvHeader.clean(cell);
        int unit = name.indexOf(" [");
        return (unit < 0 ? name : name.substring(0, unit)).toLowerCase(Locale.ROOT);
    }

    private static CodecException refuse(String reason) {
        return new CodecException(reason, 0);
    }
}

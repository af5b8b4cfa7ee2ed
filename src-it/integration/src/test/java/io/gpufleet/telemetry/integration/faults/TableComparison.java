package io.gpufleet.telemetry.integration.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;

/** The comparison of the tables with their expected content. */
final class TableComparison {
    private static final int EXAMPLES = 3;

    private TableComparison() {}

    /** Returns all differences, one line for each table; none if the tables are exact. */
    static List<String> differences(Map<StoredTable, Map<String, String>> expected, DataSource database) {
        List<String> differences = new ArrayList<>();
        expected.forEach((table, rows) -> compare(table, rows, table.read(database), differences));
        return differences;
    }

    private static void compare(
            StoredTable table, Map<String, String> expected, Map<String, String> actual, List<String> differences) {
        List<String> examples = new ArrayList<>();
        Map<String, String> unexpected = new TreeMap<>(actual);
        int missing = 0;
        int different = 0;
        for (Map.Entry<String, String> row : expected.entrySet()) {
            String found = unexpected.remove(row.getKey());
            if (row.getValue().equals(found)) {
                continue;
            }
            missing += found == null ? 1 : 0;
            different += found == null ? 0 : 1;
            if (examples.size() < EXAMPLES) {
                examples.add(row.getKey() + " is " + found + ", not " + row.getValue());
            }
        }
        unexpected.keySet().stream().limit(EXAMPLES).forEach(key -> examples.add(key + " is unexpected"));
        if (!examples.isEmpty()) {
            differences.add(table + ": " + missing + " rows missing, " + different + " different, " + unexpected.size()
                    + " unexpected; " + String.join("; ", examples));
        }
    }
}

package io.gpufleet.telemetry.integration.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/** The comparison of the tables with their expected content. */
final class TableComparison {
    private static final int EXAMPLES = 3;

    private TableComparison() {}

    /**
     * Returns all differences, one line for each table; none if the tables are exact.
     *
     * @param expected the rows, which are removed as they are found
     */
    static List<String> differences(Map<StoredTable, Map<String, String>> expected, DataSource database) {
        List<String> differences = new ArrayList<>();
        expected.forEach((table, missing) -> {
            Found found = new Found(missing);
            table.forEach(database, found::add);
            found.difference().ifPresent(difference -> differences.add(table + ": " + difference));
        });
        return differences;
    }

    /** What was found of the rows of one table. */
    private static final class Found {
        private final Map<String, String> missing;
        private final List<String> examples = new ArrayList<>();
        private int different;
        private int unexpected;

        Found(Map<String, String> expected) {
            this.missing = expected;
        }

        void add(String key, String row) {
            String expected = missing.remove(key);
            if (expected == null) {
                unexpected++;
                addExample(key + " is unexpected");
            } else if (!expected.equals(row)) {
                different++;
                addExample(key + " is " + row + ", not " + expected);
            }
        }

        private void addExample(String example) {
            if (examples.size() < EXAMPLES) {
                examples.add(example);
            }
        }

        Optional<String> difference() {
            missing.forEach((key, row) -> addExample(key + " is missing, not " + row));
            return examples.isEmpty()
                    ? Optional.empty()
                    : Optional.of(missing.size() + " rows missing, " + different + " different, " + unexpected
                            + " unexpected; " + String.join("; ", examples));
        }
    }
}

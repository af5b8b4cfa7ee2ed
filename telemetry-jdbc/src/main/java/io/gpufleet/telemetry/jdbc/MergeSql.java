package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The SQL expressions that merge a stored value ({@code t}) with a new one ({@code excluded}); null is neutral. The
 * result does not depend on the order of the two.
 */
final class MergeSql {
    /** The operator that compares rows by their bytes: a total order for all types, including nulls. */
    private static final String LARGER = " OPERATOR(pg_catalog.*>) ";

    private MergeSql() {}

    static String of(PostgresTable<?> table, Column<?> column) {
        String name = Identifier.quote(column.name());
        String stored = "t." + name;
        String added = "excluded." + name;
        return switch (column.merge().kind()) {
            case SUM -> neutral(stored + " + " + added, stored, added);
            case SATURATING_SUM -> neutral(saturating(column.type(), stored, added), stored, added);
            case MIN -> "least(" + stored + ", " + added + ")";
            case MAX -> "greatest(" + stored + ", " + added + ")";
            case NEWEST_BY ->
                "CASE WHEN " + isNewer(table, column.merge().version()) + " THEN " + added + " ELSE " + stored + " END";
            case OTHER_BY -> "greatest(" + stored + ", " + added + ", " + overtaken(column.merge()) + ")";
            case EXPRESSION -> column.merge().version();
            case KEY, KEEP -> stored;
        };
    }

    /** Returns the version of the older row, if its values are not those of the newer one; else null. */
    private static String overtaken(Merge merge) {
        String stored = "t." + Identifier.quote(merge.version());
        String added = "excluded." + Identifier.quote(merge.version());
        return "CASE WHEN " + stored + " IS NOT NULL AND " + added + " IS NOT NULL AND " + row("t", merge.of())
                + " OPERATOR(pg_catalog.*<>) " + row("excluded", merge.of()) + " THEN least(" + stored + ", " + added
                + ") END";
    }

    /**
     * Returns the condition that the new row is newer than the stored one. At the same version, the row with the larger
     * values is newer, so that the order of arrival does not matter.
     */
    static String isNewer(PostgresTable<?> table, String version) {
        List<String> values = table.columnsNewestBy(version);
        String later = isLater(version);
        if (values.isEmpty()) {
            return "(" + later + ")";
        }
        String name = Identifier.quote(version);
        return "(" + later + " OR (excluded." + name + " IS NOT DISTINCT FROM t." + name + " AND "
                + row("excluded", values) + LARGER + row("t", values) + "))";
    }

    /**
     * Returns the condition that the new version is later than the stored one; a missing version is before all others.
     */
    static String isLater(String version) {
        String name = Identifier.quote(version);
        return "excluded." + name + " > t." + name + " OR (t." + name + " IS NULL AND excluded." + name
                + " IS NOT NULL)";
    }

    /** Returns the order in which the first of several rows with the same key and version is the one that stays. */
    static String largestFirst(String source, List<String> values) {
        return row(source, values) + " USING OPERATOR(pg_catalog.*>)";
    }

    /** Returns the columns as one row value, so that they are compared as a row and not one by one. */
    private static String row(String source, List<String> columns) {
        return columns.stream()
                .map(column -> source + "." + Identifier.quote(column))
                .collect(Collectors.joining(", ", "ROW(", ")::record"));
    }

    private static String neutral(String merged, String stored, String added) {
        return "coalesce(" + merged + ", " + stored + ", " + added + ")";
    }

    private static String saturating(ColumnType<?> type, String stored, String added) {
        String largest = type.largest().orElseThrow();
        return "CASE WHEN " + stored + " > " + largest + " - " + added + " THEN " + largest + " ELSE " + stored + " + "
                + added + " END";
    }
}

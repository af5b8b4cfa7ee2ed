package io.gpufleet.telemetry.jdbc;

/** The expressions that merge a stored value ({@code t}) with a new one ({@code excluded}); null is neutral. */
final class MergeSql {
    private MergeSql() {}

    static String of(Column<?> column) {
        String name = Identifier.quote(column.name());
        String stored = "t." + name;
        String added = "excluded." + name;
        return switch (column.merge().kind()) {
            case SUM -> neutral(stored + " + " + added, stored, added);
            case SATURATING_SUM -> neutral(saturating(column.type(), stored, added), stored, added);
            case MIN -> "least(" + stored + ", " + added + ")";
            case MAX -> "greatest(" + stored + ", " + added + ")";
            case NEWEST_BY ->
                "CASE WHEN " + isNewer(column.merge().version()) + " THEN " + added + " ELSE " + stored + " END";
            case KEY, KEEP -> stored;
        };
    }

    /** The condition that the new row is newer than the stored one; at the same version the stored one stays. */
    static String isNewer(String version) {
        String name = Identifier.quote(version);
        return "(excluded." + name + " > t." + name + " OR t." + name + " IS NULL)";
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

package io.gpufleet.telemetry.jdbc.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The SQL that merges a reading of a new row ({@code excluded}) into that of the stored row ({@code t}), as
 * {@link io.gpufleet.telemetry.gpu.GpuMetricsRow#merge} does. Immutable.
 */
final class WideMerge {
    /** A column with its place in {@code at}, and its bit in {@code derived}; 0 where readings are never derived. */
    private record Place(String column, int at, long bit) {}

    private final boolean inGrid;
    private final List<Place> places = new ArrayList<>();

    WideMerge(boolean inGrid) {
        this.inGrid = inGrid;
    }

    /** Adds a column that may hold derived readings, and returns its expression. */
    String add(String column, long bit) {
        Place place = new Place(column, places.size() + 1, bit);
        places.add(place);
        String merged = "CASE WHEN " + wins(place) + " THEN excluded." + column;
        return (inGrid || bit == 0 ? merged : merged + largest(place)) + " ELSE t." + column + " END";
    }

    /** Returns a further case: of two derived readings of messages the larger stays. */
    private static String largest(Place place) {
        return " WHEN " + derived("t", place) + " AND " + derived("excluded", place) + " THEN greatest(t."
                + place.column + ", excluded." + place.column + ")";
    }

    /** Returns the condition, never null, that the new reading replaces the stored one. */
    private String wins(Place place) {
        String stored = "t." + place.column;
        String added = "excluded." + place.column;
        String both = inGrid ? newer(place) : "false";
        String kind = place.bit == 0
                ? both
                : "CASE WHEN " + derived("t", place) + " <> " + derived("excluded", place) + " THEN "
                        + derived("t", place) + " ELSE " + both + " END";
        return added + " IS NOT NULL AND (" + stored + " IS NULL OR " + kind + ")";
    }

    /**
     * A stored reading without a time stays if it is from a message; a sum of memory yields to a workload's reading.
     */
    private static String newer(Place place) {
        String at = "at[" + place.at + "]";
        String otherwise = place.bit == 0 ? "false" : derived("t", place);
        return "CASE WHEN t." + at + " IS NULL THEN " + otherwise + " ELSE (excluded." + at + ", excluded."
                + place.column + ") > (t." + at + ", t." + place.column + ") END";
    }

    private static String derived(String row, Place place) {
        return "(coalesce(" + row + ".derived, 0) & " + place.bit + " <> 0)";
    }

    /** Returns the expression of the column {@code at}, after all columns were added. */
    String at() {
        return inGrid
                ? "ARRAY[" + each(place -> chosen(place, "at[" + place.at + "]"), ", ") + "]"
                : "coalesce(t.at, excluded.at)";
    }

    /** Returns the expression of the column {@code derived}, after all columns were added. */
    String derived() {
        return "CASE WHEN t.derived IS NOT NULL OR excluded.derived IS NOT NULL THEN nullif("
                + each(place -> "(coalesce(" + chosen(place, "derived") + ", 0) & " + place.bit + ")", " | ")
                + ", 0) END";
    }

    private String chosen(Place place, String value) {
        return "CASE WHEN " + wins(place) + " THEN excluded." + value + " ELSE t." + value + " END";
    }

    private String each(Function<Place, String> text, String separator) {
        return places.stream().map(text).collect(Collectors.joining(separator));
    }
}

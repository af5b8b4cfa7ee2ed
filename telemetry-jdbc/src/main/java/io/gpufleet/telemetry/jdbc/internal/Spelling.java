package io.gpufleet.telemetry.jdbc.internal;

/** The comparison of misspelt names with known ones. */
public final class Spelling {
    private Spelling() {}

    /** Returns the number of letters to insert, delete or replace that makes one text of the other. */
    public static int distance(String from, String to) {
        int[] before = new int[to.length() + 1];
        for (int column = 0; column <= to.length(); column++) {
            before[column] = column;
        }
        for (int row = 1; row <= from.length(); row++) {
            int[] distances = new int[to.length() + 1];
            distances[0] = row;
            for (int column = 1; column <= to.length(); column++) {
                int replaced = before[column - 1] + (from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1);
                distances[column] = Math.min(replaced, 1 + Math.min(before[column], distances[column - 1]));
            }
            before = distances;
        }
        return before[to.length()];
    }
}

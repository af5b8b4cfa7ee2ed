package io.gpufleet.telemetry.jdbc.query;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** The name that a misspelt one was probably meant to be: the one that takes the fewest changes of letters. */
final class Nearest {
    private static final String PREFIX = "DCGM_(FI_)?(DEV_|PROF_)?";
    /** The letters that are compared: a name of a caller may be of any length. */
    private static final int LONGEST = 100;

    private Nearest() {}

    static String of(String name, Collection<String> names) {
        String wanted = plain(name);
        return names.stream()
                .min(Comparator.<String>comparingInt(known -> distance(wanted, plain(known)))
                        .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
    }

    /** Families of names share their beginnings, which people leave out. */
    private static String plain(String name) {
        String plain = name.toUpperCase(Locale.ROOT).replaceFirst(PREFIX, "");
        return plain.substring(0, Math.min(LONGEST, plain.length()));
    }

    /** Returns the number of letters to insert, delete or replace. */
    private static int distance(String from, String to) {
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

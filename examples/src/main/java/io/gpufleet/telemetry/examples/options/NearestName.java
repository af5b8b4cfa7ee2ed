package io.gpufleet.telemetry.examples.options;

import java.util.Collection;
import java.util.Comparator;

/** The known name that a misspelt one was probably meant to be. */
public final class NearestName {
    /** The letters that are compared: a name may come from the network, at any length. */
    private static final int LONGEST = 100;

    private NearestName() {}

    /**
     * Returns the name with the fewest characters to insert, remove or replace.
     *
     * @param name the misspelt name; of a long one, the first 100 characters count
     * @param known the names to choose from, at least one
     * @return one of them; the first one of several that are equally near
     */
    public static String of(String name, Collection<String> known) {
        String compared = name.substring(0, Math.min(LONGEST, name.length()));
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(compared, candidate)))
                .orElseThrow();
    }

    /** Returns the number of characters to insert, remove or replace that make one text of the other. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            int diagonal = i;
            for (int j = 0; j <= to.length(); j++) {
                int above = row[j];
                if (i == 0 || j == 0) {
                    row[j] = i + j;
                } else {
                    int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                    row[j] = Math.min(replaced, 1 + Math.min(above, row[j - 1]));
                }
                diagonal = above;
            }
        }
        return row[to.length()];
    }
}

package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.jdbc.internal.Spelling;
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
                .min(Comparator.<String>comparingInt(known -> Spelling.distance(wanted, plain(known)))
                        .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
    }

    /** Families of names share their beginnings, which people leave out. */
    private static String plain(String name) {
        String plain = name.toUpperCase(Locale.ROOT).replaceFirst(PREFIX, "");
        return plain.substring(0, Math.min(LONGEST, plain.length()));
    }
}

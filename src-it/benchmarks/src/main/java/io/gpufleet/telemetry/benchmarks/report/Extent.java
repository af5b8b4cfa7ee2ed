package io.gpufleet.telemetry.benchmarks.report;

import java.util.Locale;

/** How much is measured. */
public enum Extent {
    /** Just enough to see that everything still runs; the figures mean nothing. */
    SMOKE,
    /** A table in a minute or two. */
    QUICK,
    /** The table that counts. */
    FULL;

    /** The extent of a program's arguments: the only one names it, in small letters; quick without. */
    public static Extent of(String... arguments) {
        return arguments.length == 0 ? QUICK : valueOf(arguments[0].toUpperCase(Locale.ROOT));
    }

    /** What belongs to this one. */
    public <V> V choose(V smoke, V quick, V full) {
        return switch (this) {
            case SMOKE -> smoke;
            case QUICK -> quick;
            case FULL -> full;
        };
    }
}

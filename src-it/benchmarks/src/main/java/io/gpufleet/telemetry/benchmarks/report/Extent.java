package io.gpufleet.telemetry.benchmarks.report;

import java.util.Locale;

/** The extent of a measurement. */
public enum Extent {
    /** The smallest extent, which shows that everything still runs; the figures mean nothing. */
    SMOKE,
    /** A table in a minute or two. */
    QUICK,
    /** The table that counts. */
    FULL;

    /** Returns the extent named by the only argument, in small letters; quick without an argument. */
    public static Extent of(String... arguments) {
        return arguments.length == 0 ? QUICK : valueOf(arguments[0].toUpperCase(Locale.ROOT));
    }

    /** Returns the value for this extent. */
    public <V> V choose(V smoke, V quick, V full) {
        return switch (this) {
            case SMOKE -> smoke;
            case QUICK -> quick;
            case FULL -> full;
        };
    }
}

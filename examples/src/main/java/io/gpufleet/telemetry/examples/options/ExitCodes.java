package io.gpufleet.telemetry.examples.options;

import java.util.Map;
import java.util.TreeMap;

/** The exit codes of the programs, for scripts. */
public final class ExitCodes {
    /** The request is fulfilled, or the condition holds. */
    public static final int OK = 0;

    /** The condition does not hold, or the object is missing or unchanged. */
    public static final int NOT_SO = 1;

    /** The command line is wrong; nothing was done. */
    public static final int USAGE = 2;

    /** The database or the broker cannot be reached, or refuses. */
    public static final int UNAVAILABLE = 3;

    /** Something else failed: a defect of the program. */
    public static final int DEFECT = 4;

    /** The descriptions for the usage help, in their order. */
    static final Map<String, String> DESCRIPTIONS = new TreeMap<>(Map.of(
            "0", "done, or the condition holds",
            "1", "not done, not found, or the condition does not hold",
            "2", "the command line is wrong; nothing was done",
            "3", "the database or the broker cannot be reached, or refuses",
            "4", "something else failed: a defect of the program"));

    private ExitCodes() {}
}

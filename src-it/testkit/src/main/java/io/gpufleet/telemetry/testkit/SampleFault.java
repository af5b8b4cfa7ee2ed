package io.gpufleet.telemetry.testkit;

/** The ways in which a row of a scrape is no value, or damaged. */
enum SampleFault {
    /** A code or a word for "no value". */
    NO_VALUE,
    /** The 0 of older exporters for a field that a MIG instance does not have. */
    ZERO_OF_INSTANCE,
    /** The exporter's words for a field that it cannot write. */
    ERROR_TEXT,
    /** A text of DCGM in place of a number. */
    TEXT,
    /** A number that no GPU can have. */
    OUT_OF_RANGE,
    /** The end of the row is missing. */
    CUT,
    /** The quotation marks in a label have no escapes. */
    OPEN_QUOTES;

    private static final SampleFault[] DAMAGES = {ERROR_TEXT, TEXT, OUT_OF_RANGE, CUT, OPEN_QUOTES};

    /** Returns a way in which a row is damaged. */
    static SampleFault damage(long noise) {
        return DAMAGES[Noise.below(DAMAGES.length, noise)];
    }
}

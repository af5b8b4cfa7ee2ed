package io.gpufleet.telemetry.gpu;

/** The type of a metric's values in DCGM, which decides about the codes for "no value". */
enum ValueType {
    /** A whole number of 64 bits. */
    INTEGER,
    /** A floating-point number of 64 bits. */
    DOUBLE,
    /** A text. */
    TEXT,
    /** Not known: a metric that is not in the catalogue. */
    UNKNOWN
}

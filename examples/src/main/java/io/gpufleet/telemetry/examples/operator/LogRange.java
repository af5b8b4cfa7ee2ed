package io.gpufleet.telemetry.examples.operator;

/**
 * The offsets that the log of a partition holds. Immutable.
 *
 * @param beginning the first one
 * @param end the one behind the last
 */
record LogRange(long beginning, long end) {

    /** Tells whether a consumer can go on at an offset. */
    boolean holds(long offset) {
        return offset >= beginning && offset <= end;
    }

    @Override
    public String toString() {
        return beginning + " to " + end;
    }
}

package io.gpufleet.telemetry.examples.operator;

/**
 * The offsets that the log of a partition holds. Immutable.
 *
 * @param beginning the first one
 * @param end the one behind the last that can be read
 * @param highWatermark the one behind the last; between them lies what an open transaction holds back
 */
record LogRange(long beginning, long end, long highWatermark) {

    /** The offsets that an open transaction holds back, 0 or more. */
    long heldBack() {
        return Math.max(0, highWatermark - end);
    }

    /** Returns whether a consumer can go on at an offset. */
    boolean holds(long offset) {
        return offset >= beginning && offset <= end;
    }

    @Override
    public String toString() {
        return beginning + " to " + end;
    }
}

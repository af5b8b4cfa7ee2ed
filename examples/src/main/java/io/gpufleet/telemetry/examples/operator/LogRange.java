package io.gpufleet.telemetry.examples.operator;

/**
 * The offsets that the log of a partition holds. Immutable.
 *
 * @param beginning the first offset
 * @param end the offset after the last readable record
 * @param highWatermark the offset after the last record; an open transaction holds back the records between the two
 */
record LogRange(long beginning, long end, long highWatermark) {

    /** Returns the number of offsets that an open transaction holds back, 0 or more. */
    long heldBack() {
        return Math.max(0, highWatermark - end);
    }

    /** Returns whether a consumer can continue at an offset. */
    boolean holds(long offset) {
        return offset >= beginning && offset <= end;
    }

    @Override
    public String toString() {
        return beginning + " to " + end;
    }
}

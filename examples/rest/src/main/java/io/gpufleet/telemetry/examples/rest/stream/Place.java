package io.gpufleet.telemetry.examples.rest.stream;

import java.util.Comparator;

/**
 * The next sample of a partition. Immutable.
 *
 * @param offset the record's offset; {@link #NO_OFFSET} if an id names none that a log can have
 * @param index the number of the sample in its record, from 0
 */
record Place(long offset, int index) implements Comparable<Place> {
    static final long NO_OFFSET = -1;

    private static final Comparator<Place> ORDER =
            Comparator.comparingLong(Place::offset).thenComparingInt(Place::index);

    /** Returns the first sample of a record. */
    static Place at(long offset) {
        return new Place(offset, 0);
    }

    /** Returns the place behind a sample of a record of so many. */
    static Place behind(long offset, int index, int samples) {
        return index + 1 < samples ? new Place(offset, index + 1) : at(offset + 1);
    }

    @Override
    public int compareTo(Place other) {
        return ORDER.compare(this, other);
    }

    /** Returns the place as in an id: {@code 15}, or {@code 15.3} within a record. */
    @Override
    public String toString() {
        return index == 0 ? Long.toString(offset) : offset + "." + index;
    }
}

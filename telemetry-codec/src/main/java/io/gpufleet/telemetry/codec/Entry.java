package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.gpu.GpuSubject;

/** What a row of a message is if it is no sample: refused, or not known yet. Immutable. */
sealed interface Entry {

    /** Returns where the row stands. */
    Place place();

    /**
     * A place in a message.
     *
     * @param number the number of the row's first line, or of its element, from 1
     * @param from the index of its first byte
     * @param to the index behind its last byte, without a line's end
     */
    record Place(int number, int from, int to) {}

    /**
     * A row that is refused, or a part of one.
     *
     * @param place where it stands
     * @param reason the reason, without the place
     * @param kind what it has in common with the same fault in other messages
     */
    record Refused(Place place, String reason, String kind) implements Entry {}

    /**
     * A line of exposition text whose meaning the rest of the text may change: a TYPE may follow, and the last line
     * says what unit the times have.
     *
     * @param place where it stands
     * @param family its metric
     * @param subject its GPU
     * @param value its value
     * @param fractional whether the value was written with a point or an exponent
     * @param token where its value stands
     * @param time where its time stands
     */
    record Row(
            Place place,
            MetricFamily family,
            GpuSubject subject,
            double value,
            boolean fractional,
            Token token,
            Token time)
            implements Entry {}

    /**
     * A part of a row.
     *
     * @param from the index of its first byte
     * @param to the index behind its last byte
     */
    record Token(int from, int to) {
        boolean isEmpty() {
            return from == to;
        }
    }
}

package io.gpufleet.telemetry.testkit;

import java.util.List;

/** A writer of the messages of one scrape. Used by one thread. */
@FunctionalInterface
interface SampleWriter {
    /**
     * Writes the rows of a message.
     *
     * @param rows one or more rows of the scrape
     * @param places takes the number of each row's line or element in the message
     */
    byte[] write(List<SampleRow> rows, int[] places);
}

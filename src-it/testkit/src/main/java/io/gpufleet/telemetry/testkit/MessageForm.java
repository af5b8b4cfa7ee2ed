package io.gpufleet.telemetry.testkit;

import java.time.Instant;
import java.util.List;

/** A form of the messages of a scrape, with their right reading. Thread-safe. */
interface MessageForm {
    /** The rows that make up a message. */
    enum Extent {
        /** One row. */
        ROW,
        /** The rows of a GPU. */
        GPU,
        /** The rows of a host. */
        HOST
    }

    /** Returns the extent of a message, if there may be one for each GPU or host. */
    default Extent extent(Extent asked) {
        return asked;
    }

    /** Returns the rows of a message as this form has them. */
    default List<SampleRow> arrange(List<SampleRow> rows) {
        return rows;
    }

    /** Returns a writer of the messages of one scrape. */
    SampleWriter writer();

    /**
     * Returns the right reading of a message.
     *
     * @param scrape the time of the scrape
     * @param rows the rows of the message
     * @param places the number of each row's line or element
     */
    ExpectedReading expected(Instant scrape, List<SampleRow> rows, int[] places);
}

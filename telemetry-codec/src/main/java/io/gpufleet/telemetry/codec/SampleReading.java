package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.codec.Entry.Place;
import java.util.List;
import java.util.Optional;

/** The reading of one message in one form. Used once, by one thread. */
interface SampleReading {

    /** A form of messages. Implementations are immutable. */
    @FunctionalInterface
    interface Form {
        /**
         * Begins the reading of a message.
         *
         * @param context what is known of the record
         * @throws io.gpufleet.telemetry.CodecException if none of it can be read
         */
        SampleReading open(SampleRules rules, ScrapeContext context, Inflated text);
    }

    /** Reads the whole message, or all of it before what cannot be read. */
    Entries read();

    /**
     * Fails if the rest of the message could not be read.
     *
     * @throws io.gpufleet.telemetry.CodecException with the reason
     */
    void requireWhole();

    /**
     * Returns a message of some of the rows that were read.
     *
     * @param chosen the rows, in their order
     * @return empty if the message cannot be taken apart
     */
    Optional<byte[]> excerpt(List<Place> chosen);

    /** Ends the reading of a message whose values were handed over. */
    default void release() {}
}

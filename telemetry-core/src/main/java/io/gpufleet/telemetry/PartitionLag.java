package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The lag of a consumer in one partition. Immutable.
 *
 * @param durableOffset the offset before which everything is written
 * @param endOffset the end of the log, up to which committed records can be read
 * @param behind the lag in time: the age of the newest written record; 0 if nothing is left to write, not even behind
 *     an open transaction; absent if this consumer has not written a record yet
 * @param openTransaction the open transaction behind the end, absent if there is none
 */
public record PartitionLag(
        long durableOffset, long endOffset, Optional<Duration> behind, Optional<OpenTransaction> openTransaction) {

    /**
     * Checks the components.
     *
     * @param durableOffset as the component
     * @param endOffset as the component
     * @param behind as the component
     * @param openTransaction as the component
     */
    public PartitionLag {
        requireNonNull(behind, "behind");
        requireNonNull(openTransaction, "openTransaction");
    }

    /**
     * Creates the lag of a partition without an open transaction.
     *
     * @param durableOffset as the component
     * @param endOffset as the component
     * @param behind as the component
     */
    public PartitionLag(long durableOffset, long endOffset, Optional<Duration> behind) {
        this(durableOffset, endOffset, behind, Optional.empty());
    }

    /**
     * A producer's transaction, neither committed nor aborted: consumers of committed records read nothing behind its
     * first record, from any producer. Immutable.
     *
     * @param messages the offsets from its first record on, more than 0
     * @param since the time at which this consumer first saw the log end there
     */
    public record OpenTransaction(long messages, Instant since) {

        /**
         * Checks the components.
         *
         * @param messages as the component
         * @param since as the component
         */
        public OpenTransaction {
            if (messages <= 0) {
                throw new IllegalArgumentException("messages: " + messages + " is not more than 0");
            }
            requireNonNull(since, "since");
        }
    }

    /**
     * Returns the lag in messages, without those behind an open transaction.
     *
     * @return offsets between the position and the end, 0 or more
     */
    public long messages() {
        return Math.max(0, endOffset - durableOffset);
    }

    /**
     * Returns the messages behind an open transaction.
     *
     * @return offsets behind the end, 0 or more
     */
    public long heldBack() {
        return openTransaction.map(OpenTransaction::messages).orElse(0L);
    }
}

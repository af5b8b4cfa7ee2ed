package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The lag of a consumer in one partition. Immutable.
 *
 * @param durableOffset everything before it is written
 * @param endOffset the end of the log, up to which committed records can be read
 * @param behind the lag in time: the age of the newest record that is written, 0 if nothing is left to be written, also
 *     not behind an open transaction; absent if this consumer has written none yet
 * @param openTransaction what lies behind the end, absent if nothing does
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
     * @param since when this consumer saw the log end there first
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

package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.SourcePartition;
import java.util.List;

/**
 * The outcome of a {@link DeadLetterReplayer}'s run. Immutable.
 *
 * @param replayed how many are no letters any more: they are marked
 * @param duplicates how many of them changed nothing, since the tables had their key already
 * @param stillRefused how many stay as they are, since they were refused again
 * @param reasons why, the most frequent first: at most 20, counted over the first 1,000 that differ
 * @param refusals which: the first 100 of those that stay
 */
public record ReplayResult(
        long replayed, long duplicates, long stillRefused, List<Reason> reasons, List<Refusal> refusals) {

    /**
     * The reasons of repeated refusals.
     *
     * @param text what is wrong today, at most 4,096 bytes
     * @param count how many letters it is wrong with; a letter may have several reasons
     */
    public record Reason(String text, long count) {}

    /**
     * A letter that was refused again.
     *
     * @param partition where its record lay
     * @param offset the record's offset there
     * @param reason what is wrong with it today, the first reason if there are several, at most 4,096 bytes
     */
    public record Refusal(SourcePartition partition, long offset, String reason) {

        /**
         * Checks the components.
         *
         * @param partition as the component
         * @param offset as the component
         * @param reason as the component
         */
        public Refusal {
            requireNonNull(partition, "partition");
            requireNonNull(reason, "reason");
        }

        /** Returns the letter as {@code topic-partition@offset}, with the reason. */
        @Override
        public String toString() {
            return partition + "@" + offset + ": " + reason;
        }
    }

    /**
     * Copies the lists.
     *
     * @param replayed as the component
     * @param duplicates as the component
     * @param stillRefused as the component
     * @param reasons as the component
     * @param refusals as the component
     */
    public ReplayResult {
        reasons = List.copyOf(reasons);
        refusals = List.copyOf(refusals);
    }
}

package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.SourcePartition;
import java.util.List;

/**
 * The outcome of a {@link DeadLetterReplayer}'s run. Immutable.
 *
 * @param replayed how many letters were replayed and marked
 * @param duplicates how many of these changed nothing, since the tables already had their key
 * @param stillRefused how many letters were refused again and stay unchanged
 * @param reasons the reasons of these, the most frequent first: at most 20, counted over the first 1,000 different ones
 * @param refusals the first 100 letters that were refused again
 */
public record ReplayResult(
        long replayed, long duplicates, long stillRefused, List<Reason> reasons, List<Refusal> refusals) {

    /**
     * A reason, with the number of letters that were refused again for it.
     *
     * @param text the new reason, at most 4,096 bytes
     * @param count the number of letters with this reason; a letter may have several reasons
     */
    public record Reason(String text, long count) {}

    /**
     * A letter that was refused again.
     *
     * @param partition the partition of its record
     * @param offset the record's offset there
     * @param reason the new reason, the first if there are several, at most 4,096 bytes
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

package io.gpufleet.telemetry.jdbc;

import java.util.List;

/**
 * What became of the dead letters that a {@link DeadLetterReplayer} found. Immutable.
 *
 * @param replayed how many are no letters any more: they are marked
 * @param duplicates how many of them changed nothing, since the tables had their key already
 * @param stillRefused how many stay as they are, since they were refused again
 * @param reasons why, the most frequent first: at most 20, counted over the first 1,000 that differ
 */
public record ReplayResult(long replayed, long duplicates, long stillRefused, List<Reason> reasons) {

    /**
     * Why letters were refused again.
     *
     * @param text what is wrong today, at most 4,096 bytes
     * @param count how many letters it is wrong with; a letter may have several reasons
     */
    public record Reason(String text, long count) {}

    /**
     * Copies the list.
     *
     * @param replayed as the component
     * @param duplicates as the component
     * @param stillRefused as the component
     * @param reasons as the component
     */
    public ReplayResult {
        reasons = List.copyOf(reasons);
    }
}

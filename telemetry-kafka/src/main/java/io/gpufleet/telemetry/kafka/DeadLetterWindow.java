package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.FailurePolicy;
import java.util.BitSet;

/**
 * The outcomes of the latest records, to tell a few bad records from a topic that is not what it should be. Only
 * written records count; a batch is asked about before it is written. Thread-safe: all lanes share one.
 */
final class DeadLetterWindow {
    private final FailurePolicy policy;
    private final Object lock = new Object();
    private final BitSet refused;
    private int size;
    private int cursor;

    DeadLetterWindow(FailurePolicy policy) {
        this.policy = policy;
        this.refused = new BitSet(policy.window());
    }

    /** Tells whether writing this many good and refused records would pass the allowed share. */
    boolean wouldPass(int good, int bad) {
        synchronized (lock) {
            long total = (long) good + bad;
            int added = (int) Math.min(total, policy.window());
            int kept = Math.min(size, policy.window() - added);
            int counted = kept + added;
            long badOnes = newestRefused(kept) + bad - badAmongFirst(total - added, total, bad);
            return bad > 0 && counted >= policy.minRecords() && badOnes > policy.maxDeadLetterShare() * counted;
        }
    }

    /**
     * Tells whether writing this many good and refused records would pass the allowed share, if there were enough to
     * judge by it: more records have to show whether it is the topic that is wrong.
     */
    boolean isOpen(int good, int bad) {
        synchronized (lock) {
            int counted = size + good + bad;
            return bad > 0
                    && counted < policy.minRecords()
                    && newestRefused(size) + bad > policy.maxDeadLetterShare() * counted;
        }
    }

    private int newestRefused(int count) {
        int found = 0;
        for (int i = 1; i <= count; i++) {
            if (refused.get(Math.floorMod(cursor - i, policy.window()))) {
                found++;
            }
        }
        return found;
    }

    /** Counts records that were written. */
    void record(int good, int bad) {
        synchronized (lock) {
            long total = (long) good + bad;
            for (long i = Math.max(0, total - policy.window()); i < total; i++) {
                append(badAmongFirst(i + 1, total, bad) > badAmongFirst(i, total, bad));
            }
        }
    }

    /** The order within a batch is not known: its refused records are taken to lie evenly among the good ones. */
    private static long badAmongFirst(long count, long total, long bad) {
        return count == 0 ? 0 : count * bad / total;
    }

    private void append(boolean isRefused) {
        refused.set(cursor, isRefused);
        cursor = (cursor + 1) % policy.window();
        size = Math.min(size + 1, policy.window());
    }
}

package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.FailurePolicy;

/**
 * The outcomes of the latest records, which distinguish a few bad records from a wrong topic. Only written records
 * count; a batch is judged before it is written. A record with some stored values counts as its share of refused
 * values. Thread-safe: all lanes share one.
 */
final class DeadLetterWindow {
    /** A whole record. */
    private static final int WHOLE = 1 << 20;

    private final FailurePolicy policy;
    private final Object lock = new Object();

    /** The refused share of each record; whole numbers, so that sums are exact. */
    private final int[] refused;

    private int size;
    private int cursor;

    DeadLetterWindow(FailurePolicy policy) {
        this.policy = policy;
        this.refused = new int[policy.window()];
    }

    /**
     * Returns whether writing records would exceed the allowed share.
     *
     * @param records the number of records
     * @param bad the number of refused ones, whole or in part
     */
    boolean wouldPass(int records, double bad) {
        synchronized (lock) {
            long units = units(bad);
            int added = Math.min(records, policy.window());
            int kept = Math.min(size, policy.window() - added);
            int counted = kept + added;
            long badUnits = newestRefused(kept) + units - badAmongFirst(records - added, records, units);
            return units > 0 && counted >= policy.minRecords() && isTooMuch(badUnits, counted);
        }
    }

    /**
     * Returns whether writing records would exceed the allowed share if there were enough to judge: then more records
     * must show whether the topic is the wrong one.
     *
     * @param records the number of records
     * @param bad the number of refused ones, whole or in part
     */
    boolean isOpen(int records, double bad) {
        synchronized (lock) {
            int counted = size + records;
            return bad > 0 && counted < policy.minRecords() && isTooMuch(newestRefused(size) + units(bad), counted);
        }
    }

    private boolean isTooMuch(long badUnits, int counted) {
        return badUnits > policy.maxDeadLetterShare() * counted * WHOLE;
    }

    private static long units(double records) {
        return Math.round(records * WHOLE);
    }

    private long newestRefused(int count) {
        long found = 0;
        for (int i = 1; i <= count; i++) {
            found += refused[Math.floorMod(cursor - i, policy.window())];
        }
        return found;
    }

    /**
     * Counts records that were written.
     *
     * @param records the number of records
     * @param bad the number of refused ones, whole or in part
     */
    void record(int records, double bad) {
        synchronized (lock) {
            long units = units(bad);
            for (long i = Math.max(0, records - policy.window()); i < records; i++) {
                append((int) (badAmongFirst(i + 1, records, units) - badAmongFirst(i, records, units)));
            }
        }
    }

    /**
     * Returns the refused share of the first records of a batch. Their order is unknown: the refused records are
     * assumed to lie evenly among the good ones, as whole ones where possible.
     */
    private static long badAmongFirst(long count, long records, long units) {
        if (count == 0) {
            return 0;
        }
        long whole = units / WHOLE;
        long rest = units % WHOLE;
        return count * whole / records * WHOLE + count * rest / records;
    }

    private void append(int bad) {
        refused[cursor] = bad;
        cursor = (cursor + 1) % policy.window();
        size = Math.min(size + 1, policy.window());
    }
}

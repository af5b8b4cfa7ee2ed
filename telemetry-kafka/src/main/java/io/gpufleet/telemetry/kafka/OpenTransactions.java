package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.PartitionLag.OpenTransaction;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.kafka.internal.LogEnd;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * The open transactions that hold back records of the partitions: short ones come and go, a long one is seen at the
 * same offset again and again. Time is passed in. Belongs to one thread.
 */
final class OpenTransactions {

    /**
     * An open transaction.
     *
     * @param startOffset its first record, at which the log ends for readers of committed records
     * @param since the time at which it was first seen
     * @param sinceNanos the same time on the monotonic clock
     * @param messages the messages behind its first record
     */
    record Open(long startOffset, Instant since, long sinceNanos, long messages) {
        Open with(long messagesNow) {
            return new Open(startOffset, since, sinceNanos, messagesNow);
        }
    }

    private final Duration limit;
    private Map<SourcePartition, Open> open = Map.of();

    /**
     * Creates the set without an open transaction.
     *
     * @param limit the longest time for which one may be open
     */
    OpenTransactions(Duration limit) {
        this.limit = limit;
    }

    /**
     * Evaluates a measurement, of which the high watermarks are the older part, so that records that arrived in between
     * do not look held back.
     *
     * @param ends the ends of the logs for readers of committed records
     * @param highWatermarks the ends of the logs; a missing partition keeps its last state
     */
    void measured(
            long nowNanos, Instant now, Map<SourcePartition, LogEnd> ends, Map<SourcePartition, Long> highWatermarks) {
        Map<SourcePartition, Open> next = new HashMap<>();
        ends.forEach((partition, end) -> {
            Open before = open.get(partition);
            Open same = before != null && before.startOffset() == end.offset() ? before : null;
            Long highWatermark = highWatermarks.get(partition);
            if (highWatermark == null) {
                if (same != null) {
                    next.put(partition, same);
                }
            } else if (highWatermark > end.offset()) {
                Open first = same == null ? new Open(end.offset(), now, nowNanos, 0) : same;
                next.put(partition, first.with(highWatermark - end.offset()));
            }
        });
        open = next;
    }

    /** Returns the transactions that are open now. */
    Map<SourcePartition, OpenTransaction> all() {
        Map<SourcePartition, OpenTransaction> all = new HashMap<>();
        open.forEach((partition, held) -> all.put(partition, new OpenTransaction(held.messages(), held.since())));
        return all;
    }

    /** Returns the transactions that have been open for too long. */
    Map<SourcePartition, Open> tooLong(long nowNanos) {
        Map<SourcePartition, Open> late = new HashMap<>(open);
        late.values()
                .removeIf(held -> Duration.ofNanos(nowNanos - held.sinceNanos()).compareTo(limit) <= 0);
        return late;
    }
}

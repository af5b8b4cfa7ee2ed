package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The largest timestamp of a batch's records in each partition. Not thread-safe. */
final class NewestRecords {
    private static final long MICROS_PER_MILLI = 1_000;

    /** The largest timestamp that fits into microseconds; later ones count as this one. */
    private static final long LATEST_MILLIS = Long.MAX_VALUE / MICROS_PER_MILLI / 2;

    private final Map<SourcePartition, long[]> newest = new HashMap<>();
    private @Nullable SourcePartition recent;
    private long[] recentMillis = {};

    private NewestRecords() {}

    static NewestRecords of(Batch<?> batch) {
        NewestRecords records = new NewestRecords();
        batch.deliveries().forEach(delivery -> records.add(delivery.source()));
        batch.deadLetters().forEach(letter -> records.add(letter.source()));
        return records;
    }

    /** Adds a record, which usually lies in the same partition as the record before. */
    private void add(SourceRecord source) {
        if (!source.partition().equals(recent)) {
            recent = source.partition();
            recentMillis = newest.computeIfAbsent(recent, partition -> new long[] {SourceRecord.NO_TIMESTAMP});
        }
        recentMillis[0] = Math.max(recentMillis[0], source.timestampMillis());
    }

    /** Returns microseconds since 1970; null if no record of the partition has a timestamp of 1970 or later. */
    @Nullable
    Long micros(SourcePartition partition) {
        long[] millis = newest.get(partition);
        return millis == null || millis[0] < 0 ? null : Math.min(millis[0], LATEST_MILLIS) * MICROS_PER_MILLI;
    }
}

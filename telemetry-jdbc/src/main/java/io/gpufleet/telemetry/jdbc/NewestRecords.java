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

    /** Later ones are the future in any case; they would not fit into microseconds. */
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

    /** Mostly the partition is that of the record before. */
    private void add(SourceRecord source) {
        if (!source.partition().equals(recent)) {
            recent = source.partition();
            recentMillis = newest.computeIfAbsent(recent, partition -> new long[] {SourceRecord.NO_TIMESTAMP});
        }
        recentMillis[0] = Math.max(recentMillis[0], source.timestampMillis());
    }

    /** Microseconds since 1970; null if no record of the partition has a time in that range. */
    @Nullable
    Long micros(SourcePartition partition) {
        long[] millis = newest.get(partition);
        return millis == null || millis[0] < 0 ? null : Math.min(millis[0], LATEST_MILLIS) * MICROS_PER_MILLI;
    }
}

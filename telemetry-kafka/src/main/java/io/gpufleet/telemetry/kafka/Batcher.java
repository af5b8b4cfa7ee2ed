package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.internal.RecordReader;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A collector of chunks into batches, which passes a batch on when it reaches its records, bytes or age. A batch keeps
 * the limits with which it began; one that is not taken yet grows to twice its size and is passed on again. Time is
 * passed in. Owned by its lane.
 */
final class Batcher<T> {

    /** A receiver of buffered records that will not be written. */
    @FunctionalInterface
    interface Dropped {
        void drop(int records, long held);
    }

    private final RecordReader<T> reader;
    private final Supplier<BatchLimits> limits;
    private final RepeatedRefusals refusals;
    private final Predicate<PendingBatch<T>> full;
    private final Dropped dropped;
    private @Nullable PendingBatch<T> pending;

    Batcher(
            RecordReader<T> reader,
            Supplier<BatchLimits> limits,
            RepeatedRefusals refusals,
            Predicate<PendingBatch<T>> full,
            Dropped dropped) {
        this.reader = reader;
        this.limits = limits;
        this.refusals = refusals;
        this.full = full;
        this.dropped = dropped;
    }

    /** Adds a chunk; passes on every batch that becomes full meanwhile. */
    void append(Chunk chunk) {
        List<ConsumerRecord<byte[], byte[]>> records = chunk.records();
        long from = chunk.from();
        for (int i = 0; i < records.size(); i++) {
            if (chunk.generation().isStale()) {
                drop(records.subList(i, records.size()));
                return;
            }
            append(chunk, from, records.get(i));
            from = records.get(i).offset() + 1;
        }
        if (from < chunk.next() && !chunk.generation().isStale()) {
            open(chunk, from).advance(chunk);
        }
    }

    private void append(Chunk chunk, long from, ConsumerRecord<byte[], byte[]> record) {
        RecordSize size = RecordSize.of(record);
        if (pending != null && pending.records() > 0 && !pending.limits().haveRoomFor(size, pending)) {
            flush();
        }
        PendingBatch<T> batch = open(chunk, from);
        SourcePartition partition = chunk.generation().partition();
        if (record.value() != null || reader.readsTombstones()) {
            reader.read(SourceRecords.of(partition, record), batch);
        } else {
            batch.skipTombstone();
        }
        batch.count(partition, record, size);
        if (batch.limits().areReachedBy(batch)) {
            flush();
        }
    }

    private PendingBatch<T> open(Chunk chunk, long from) {
        while (pending != null && pending.holdsOtherRunOf(chunk.generation())) {
            flush();
        }
        PendingBatch<T> batch = pending;
        if (batch == null) {
            batch = new PendingBatch<>(chunk, limits.get(), refusals);
            pending = batch;
        }
        batch.open(chunk, from);
        return batch;
    }

    private void drop(List<ConsumerRecord<byte[], byte[]>> records) {
        dropped.drop(records.size(), RecordSize.held(records));
    }

    /** Passes the collected records on; if they are not taken, they stay. */
    void flush() {
        PendingBatch<T> batch = pending;
        if (batch != null) {
            pending = null;
            if (!full.test(batch)) {
                batch.grow();
                pending = batch;
            }
        }
    }

    /**
     * Returns the time that the oldest record may still wait: 0 or less when the batch is due, a long time without a
     * batch.
     */
    long nanosUntilDue(long nowNanos) {
        PendingBatch<T> batch = pending;
        return batch == null
                ? Long.MAX_VALUE
                : batch.limits().policy().linger().toNanos() - (nowNanos - batch.polledAtNanos());
    }

    boolean isEmpty() {
        return pending == null;
    }
}

package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.RecordCounts;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.internal.RecordReader;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** A growing batch, with the generations of its partitions. Owned by its lane. */
final class PendingBatch<T> implements RecordReader.Target<T> {
    private Batch.Builder<T> batch = Batch.builder();
    private @Nullable Batch<T> kept;
    private final Map<SourcePartition, Generation> generations = new HashMap<>();
    private final RepeatedRefusals refusals;
    private BatchLimits limits;
    private final long polledAtNanos;
    private @Nullable Generation newest;
    private long newestPolledAtNanos;
    private int records;
    private int tombstones;
    private int filtered;
    private int written;
    private int released;
    private int values;
    private final Judgement judgement = new Judgement();
    private long bytes;
    private long held;

    /** Begins a batch with its oldest chunk. */
    PendingBatch(Chunk oldest, BatchLimits limits, RepeatedRefusals refusals) {
        this.limits = limits;
        this.refusals = refusals;
        this.polledAtNanos = oldest.polledAtNanos();
        this.newestPolledAtNanos = oldest.polledAtNanos();
    }

    /** Returns whether the batch holds records of another generation of the partition: the two must not be mixed. */
    boolean holdsOtherRunOf(Generation generation) {
        Generation held = newest == generation ? generation : generations.get(generation.partition());
        return held != null && held != generation;
    }

    void open(Chunk chunk, long from) {
        batch.open(chunk.generation().partition(), chunk.generation().log(), from);
        if (newest != chunk.generation()) {
            newest = chunk.generation();
            generations.put(newest.partition(), newest);
        }
        newestPolledAtNanos = Math.max(newestPolledAtNanos, chunk.polledAtNanos());
    }

    /** Counts a record and covers its offset, whatever the outcome of the record. */
    void count(SourcePartition partition, ConsumerRecord<byte[], byte[]> record, RecordSize size) {
        batch.advance(partition, record.offset() + 1, record.leaderEpoch().orElse(-1));
        judgement.endRecord();
        records++;
        bytes += size.bytes();
        held += size.held();
    }

    void skipTombstone() {
        tombstones++;
    }

    @Override
    public void add(Delivery<T> delivery) {
        values++;
        judgement.good();
        batch.add(delivery);
    }

    @Override
    public void add(DeadLetter deadLetter) {
        judgement.refused(deadLetter);
        batch.add(deadLetter);
    }

    @Override
    public boolean isRepeated(SourceRecord source, String kind) {
        return refusals.isRepeated(requireNonNull(newest, "newest"), source, kind);
    }

    @Override
    public void add(RecordCounts counts) {
        judgement.repeated(counts.repeated());
        batch.add(counts);
    }

    void advance(Chunk chunk) {
        batch.advance(chunk.generation().partition(), chunk.next(), chunk.leaderEpoch());
    }

    /** Drops all added records but those of a batch's end, which wait for more records. */
    void keep(Batch<T> end) {
        kept = end;
        batch = Batch.builder();
        judgement.clear();
    }

    Batch<T> build() {
        Batch<T> added = batch.build();
        return kept == null ? added : kept.join(added);
    }

    Map<SourcePartition, Generation> generations() {
        return generations;
    }

    /** Raises the limits to twice the present size, without linger. */
    void grow() {
        limits = BatchLimits.twice(this);
    }

    /** Returns the limits at which the batch is due. */
    BatchLimits limits() {
        return limits;
    }

    /** Returns the time at which poll returned the oldest record: the start of the linger. */
    long polledAtNanos() {
        return polledAtNanos;
    }

    @Override
    public void skip() {
        filtered++;
    }

    /** Returns the time at which poll returned the newest record. */
    long newestPolledAtNanos() {
        return newestPolledAtNanos;
    }

    int records() {
        return records;
    }

    /** Counts records that are durable before the whole batch is. */
    void written(long count) {
        written += (int) count;
    }

    /** Returns the number of records that became durable since the last call. */
    int takeWritten() {
        int taken = Math.min(written, records - released);
        released += taken;
        written = 0;
        return taken;
    }

    /** Returns the records that {@link #takeWritten} has not returned. */
    int unreleased() {
        return records - released;
    }

    int tombstones() {
        return tombstones;
    }

    int filtered() {
        return filtered;
    }

    /** Returns the values to be written. */
    int values() {
        return values;
    }

    /** Returns the records added since the last kept ones, and their refused share. */
    Judgement judgement() {
        return judgement;
    }

    long bytes() {
        return bytes;
    }

    /** Returns the batch's share of the budget. */
    long held() {
        return held;
    }
}

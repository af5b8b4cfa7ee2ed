package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.RefusedException;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.TelemetryEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** A consumer of one partition with records from memory: it numbers the values and keeps the position. */
public final class Feed<T> {
    public static final LogId TOPIC_ID =
            new LogId("a-cluster", new UUID(0x0123_4567_89ab_cdefL, 0xfedc_ba98_7654_3210L));
    public static final SourcePartition P0 = partition(0);
    public static final SourcePartition P1 = partition(1);

    private final PostgresSink<T> sink;
    private final SourcePartition partition;
    private final List<TelemetryEvent> events = new CopyOnWriteArrayList<>();
    private final List<Entry<T>> pending = new ArrayList<>();
    private long next;

    private record Entry<T>(Delivery<T> delivery, DeadLetter deadLetter) {}

    private Feed(PostgresSink<T> sink, SourcePartition partition) {
        this.sink = sink;
        this.partition = partition;
    }

    public static SourcePartition partition(int number) {
        return new SourcePartition("client-heartbeats", number);
    }

    /** Opens the sink for the group {@code g}, at offset 0 of the partition. */
    public static <T> Feed<T> open(PostgresSink<T> sink, SourcePartition partition) {
        return open(sink, partition, "g");
    }

    public static <T> Feed<T> open(PostgresSink<T> sink, SourcePartition partition, String group) {
        Feed<T> feed = new Feed<>(sink, partition);
        sink.open(SinkContext.of(group, feed.events::add));
        sink.change(List.of(
                new PositionChange(partition, Optional.empty(), new Position(TOPIC_ID, 0, -1), Optional.empty())));
        return feed;
    }

    public PostgresSink<T> sink() {
        return sink;
    }

    /** Returns the events of the sink. */
    public List<TelemetryEvent> events() {
        return events;
    }

    /** Adds a value to the next batch. */
    public Feed<T> add(T value, Instant time) {
        SourceRecord source = record(offset())
                .timestampMillis(time.toEpochMilli())
                .value(new byte[] {1})
                .build();
        pending.add(new Entry<>(Delivery.of(value, time, source), null));
        return this;
    }

    /** Adds a dead letter to the next batch. */
    public Feed<T> add(SourceRecord.Builder source, String... reasons) {
        pending.add(new Entry<>(null, new DeadLetter(source.build(), DeadLetter.Stage.DECODE, List.of(reasons))));
        return this;
    }

    /** Returns a record at the next offset. */
    public SourceRecord.Builder record() {
        return record(offset());
    }

    private SourceRecord.Builder record(long offset) {
        return SourceRecord.builder(partition, offset);
    }

    private long offset() {
        return next + pending.size();
    }

    /** Returns the batch of the added values. */
    public Batch<T> batch() {
        Batch.Builder<T> batch = Batch.<T>builder().open(partition, TOPIC_ID, next);
        for (Entry<T> entry : pending) {
            if (entry.delivery == null) {
                batch.add(entry.deadLetter);
            } else {
                batch.add(entry.delivery);
            }
        }
        return batch.build();
    }

    /** Writes the added values; after a failure they are forgotten and the position stays. */
    public Batch<T> write() {
        Batch<T> batch = batch();
        long end = offset();
        pending.clear();
        write(batch);
        next = end;
        return batch;
    }

    /**
     * Writes like the consumer: values that the sink refuses are dead-lettered, and the rest is written with its
     * letters.
     */
    private void write(Batch<T> batch) {
        try {
            sink.write(batch);
        } catch (RefusedException e) {
            write(batch.refuse(e.deadLetters()));
            e.deadLetters().forEach(letter -> events.add(new TelemetryEvent.RecordRefused(letter)));
        }
    }

    /** Sets the position back to the beginning, like an operator before a replay. */
    public void rewind() {
        sink.change(List.of(new PositionChange(
                partition,
                Optional.of(new Position(TOPIC_ID, next, -1)),
                new Position(TOPIC_ID, 0, -1),
                Optional.empty())));
        next = 0;
    }
}

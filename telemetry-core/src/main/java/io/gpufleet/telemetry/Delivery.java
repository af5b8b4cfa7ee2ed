package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A decoded value with its record and its event time.
 *
 * <p>Immutable, if the value is.
 *
 * @param <T> the type of the value
 */
public final class Delivery<T> {
    private final T value;
    private final Instant time;
    private final SourceRecord source;
    private final int index;

    private Delivery(T value, Instant time, SourceRecord source, int index) {
        this.value = requireNonNull(value, "value");
        this.time = requireNonNull(time, "time");
        this.source = requireNonNull(source, "source");
        this.index = index;
    }

    /**
     * Creates the delivery of a record's only value.
     *
     * @param value the decoded value
     * @param time the event time: the record's timestamp, unless an {@link EventTime} says otherwise
     * @param source the record of the value
     * @param <T> the type of the value
     * @return a delivery
     */
    public static <T> Delivery<T> of(T value, Instant time, SourceRecord source) {
        return of(value, time, source, 0);
    }

    /**
     * Creates the delivery of one of a record's values.
     *
     * @param value the decoded value
     * @param time the event time: the record's timestamp, unless an {@link EventTime} says otherwise
     * @param source the record of the value
     * @param index the number of the value in its record, from 0
     * @param <T> the type of the value
     * @return a delivery
     */
    public static <T> Delivery<T> of(T value, Instant time, SourceRecord source, int index) {
        if (index < 0) {
            throw new IllegalArgumentException("index: " + index + " is not 0 or more");
        }
        return new Delivery<>(value, time, source, index);
    }

    /**
     * Returns this delivery with another value.
     *
     * @param other the value
     * @return a delivery of the same record, index and time
     */
    public Delivery<T> withValue(T other) {
        return new Delivery<>(other, time, source, index);
    }

    /**
     * Returns the decoded value.
     *
     * @return the value
     */
    public T value() {
        return value;
    }

    /**
     * Returns the event time of the value.
     *
     * @return the record's timestamp, unless an {@link EventTime} says otherwise
     */
    public Instant time() {
        return time;
    }

    /**
     * Returns the record of the value.
     *
     * @return the undecoded record with its key, timestamp and headers
     */
    public SourceRecord source() {
        return source;
    }

    /**
     * Returns the partition of the record.
     *
     * @return topic and partition
     */
    public SourcePartition partition() {
        return source.partition();
    }

    /**
     * Returns the record's offset in its partition.
     *
     * @return 0 or more
     */
    public long offset() {
        return source.offset();
    }

    /**
     * Returns the number of the value in its record: together with partition and offset it identifies the delivery.
     *
     * @return 0 or more
     */
    public int index() {
        return index;
    }

    @Override
    public String toString() {
        return "Delivery[" + source + (index == 0 ? "" : ", index=" + index) + ", time=" + time + "]";
    }
}

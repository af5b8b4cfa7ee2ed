package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A decoded value together with the record it came from and the time at which it happened.
 *
 * <p>Immutable, if the value is.
 *
 * @param <T> the type of the value
 */
public final class Delivery<T> {
    private final T value;
    private final Instant time;
    private final SourceRecord source;

    private Delivery(T value, Instant time, SourceRecord source) {
        this.value = requireNonNull(value, "value");
        this.time = requireNonNull(time, "time");
        this.source = requireNonNull(source, "source");
    }

    /**
     * Creates a delivery.
     *
     * @param value the decoded value
     * @param time when it happened: the record's timestamp, unless an {@link EventTime} says otherwise
     * @param source the record it came from
     * @param <T> the type of the value
     * @return a delivery
     */
    public static <T> Delivery<T> of(T value, Instant time, SourceRecord source) {
        return new Delivery<>(value, time, source);
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
     * Returns when the value happened.
     *
     * @return the event time
     */
    public Instant time() {
        return time;
    }

    /**
     * Returns the record that the value came from.
     *
     * @return the undecoded record with its key, timestamp and headers
     */
    public SourceRecord source() {
        return source;
    }

    /**
     * Returns where the record lay.
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

    @Override
    public String toString() {
        return "Delivery[" + source + ", time=" + time + "]";
    }
}

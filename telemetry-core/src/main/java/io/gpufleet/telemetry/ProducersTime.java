package io.gpufleet.telemetry;

import java.time.Instant;
import java.util.Optional;

/** The record time set by the producer, independent of the value. Immutable. */
final class ProducersTime implements EventTime<Object> {
    private static final EventTime<Object> INSTANCE = new ProducersTime();

    private ProducersTime() {}

    @SuppressWarnings("unchecked") // no value is looked at
    static <T> EventTime<T> instance() {
        return (EventTime<T>) INSTANCE;
    }

    @Override
    public Optional<Instant> of(Object value, SourceRecord source) {
        return source.timestampType() == SourceRecord.TimestampType.CREATE_TIME ? source.timestamp() : Optional.empty();
    }
}

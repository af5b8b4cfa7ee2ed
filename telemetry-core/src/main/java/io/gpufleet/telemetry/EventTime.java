package io.gpufleet.telemetry;

import java.time.Instant;
import java.util.Optional;

/**
 * The event time of values. The default is the timestamp that the record's producer gave it. A topic whose broker
 * overwrites timestamps ({@code message.timestamp.type=LogAppendTime}) needs one that reads the time from the value.
 *
 * <p>Implementations are thread-safe.
 *
 * @param <T> the type of the values
 */
@FunctionalInterface
public interface EventTime<T> {

    /**
     * Returns when a value happened.
     *
     * @param value the decoded value
     * @param source the record it came from
     * @return the time; absent, or whatever is thrown, makes the record a dead letter
     */
    Optional<Instant> of(T value, SourceRecord source);

    /**
     * Returns the default: the timestamp of the record's producer. A record that has none, or the broker's
     * ({@link SourceRecord.TimestampType#LOG_APPEND_TIME}), has no such time.
     *
     * @param <T> the type of the values
     * @return an extractor that ignores the value, always the same
     */
    static <T> EventTime<T> recordTimestamp() {
        return ProducersTime.instance();
    }
}

package io.gpufleet.telemetry;

import java.time.Instant;
import java.util.Optional;

/**
 * An extractor of the event time of values. The default is the timestamp set by the record's producer. A topic whose
 * broker overwrites timestamps ({@code message.timestamp.type=LogAppendTime}) needs an extractor that reads the time
 * from the value.
 *
 * <p>Implementations are thread-safe.
 *
 * @param <T> the type of the values
 */
@FunctionalInterface
public interface EventTime<T> {

    /**
     * Returns the event time of a value.
     *
     * @param value the decoded value
     * @param source the record of the value
     * @return the time; if it is absent, or anything is thrown, the value is dead-lettered
     */
    Optional<Instant> of(T value, SourceRecord source);

    /**
     * Returns the default: the timestamp set by the record's producer. A record without a timestamp, or with the
     * broker's ({@link SourceRecord.TimestampType#LOG_APPEND_TIME}), has no such time.
     *
     * @param <T> the type of the values
     * @return an extractor that ignores the value, always the same
     */
    static <T> EventTime<T> recordTimestamp() {
        return ProducersTime.instance();
    }
}

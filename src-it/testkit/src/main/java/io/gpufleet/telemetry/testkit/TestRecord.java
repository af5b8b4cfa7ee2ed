package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.SourceRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record to publish, of any service: key, value, headers and timestamp. {@link FleetRecord} is a record of a
 * simulated fleet.
 *
 * <p>The arrays are not copied and must not be changed. Immutable under that rule.
 */
public interface TestRecord {

    /**
     * Returns a record without headers.
     *
     * @param key the key's bytes, null for none: the client chooses the partition
     * @param value the value's bytes, null for a tombstone
     * @param timestamp the time in whole milliseconds, null for that of the sending
     * @return the record
     */
    static TestRecord of(byte @Nullable [] key, byte @Nullable [] value, @Nullable Instant timestamp) {
        return new PlainRecord(key, value, timestamp, List.of());
    }

    /**
     * Returns a record without key and headers, with the time of its sending.
     *
     * @param value the value's bytes, null for a tombstone
     * @return the record
     */
    static TestRecord of(byte @Nullable [] value) {
        return of(null, value, null);
    }

    /**
     * Returns this record with one more header at the end.
     *
     * @param name the header's name
     * @param bytes its value, null for none
     * @return a record
     */
    @SuppressWarnings("NullAway") // the compiler does not see the annotation of an array in another module's class
    default TestRecord header(String name, byte @Nullable [] bytes) {
        List<SourceRecord.Header> all = new ArrayList<>(headers());
        all.add(new SourceRecord.Header(name, bytes));
        return new PlainRecord(key(), value(), timestamp(), List.copyOf(all));
    }

    /**
     * Returns the key.
     *
     * @return the bytes themselves, null for none
     */
    byte @Nullable [] key();

    /**
     * Returns the value.
     *
     * @return the bytes themselves, null for a tombstone
     */
    byte @Nullable [] value();

    /**
     * Returns the timestamp.
     *
     * @return a time in whole milliseconds, null for that of the sending
     */
    @Nullable
    Instant timestamp();

    /**
     * Returns the headers.
     *
     * @return the headers in their order, names may repeat (default: none)
     */
    default List<SourceRecord.Header> headers() {
        return List.of();
    }
}

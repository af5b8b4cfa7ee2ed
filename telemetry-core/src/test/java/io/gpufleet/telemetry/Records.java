package io.gpufleet.telemetry;

import java.time.Instant;
import java.util.List;

/** Records and deliveries for tests. */
public final class Records {
    private Records() {}

    /** Returns a record without key and value. */
    public static SourceRecord record(SourcePartition partition, long offset) {
        return SourceRecord.builder(partition, offset).build();
    }

    /** Returns a value with an event time. */
    public static <T> Delivery<T> delivery(T value, Instant time) {
        return Delivery.of(value, time, record(new SourcePartition("t", 0), 0));
    }

    /** Returns a value that names its own place in the log. */
    static Delivery<String> delivery(SourcePartition partition, long offset) {
        return Delivery.of(partition + "@" + offset, Instant.EPOCH, record(partition, offset));
    }

    static DeadLetter deadLetter(SourcePartition partition, long offset) {
        return new DeadLetter(record(partition, offset), DeadLetter.Stage.DECODE, List.of("bad"));
    }
}

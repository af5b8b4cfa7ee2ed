package io.gpufleet.telemetry;

import java.time.Instant;
import java.util.List;

/** Records for tests of what is done with them. */
public final class Records {
    private Records() {}

    /** A record without key and value. */
    public static SourceRecord record(SourcePartition partition, long offset) {
        return SourceRecord.builder(partition, offset).build();
    }

    /** A value that happened at a time. */
    public static <T> Delivery<T> delivery(T value, Instant time) {
        return Delivery.of(value, time, record(new SourcePartition("t", 0), 0));
    }

    /** A value that is its own place in the log. */
    static Delivery<String> delivery(SourcePartition partition, long offset) {
        return Delivery.of(partition + "@" + offset, Instant.EPOCH, record(partition, offset));
    }

    static DeadLetter deadLetter(SourcePartition partition, long offset) {
        return new DeadLetter(record(partition, offset), DeadLetter.Stage.DECODE, List.of("bad"));
    }
}

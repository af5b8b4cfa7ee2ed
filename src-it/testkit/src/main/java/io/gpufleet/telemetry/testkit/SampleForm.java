package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.GpuSubject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A form in which rows of a scrape are sent, and its right reading. Thread-safe. */
interface SampleForm {
    /** Returns a writer of the messages of one scrape. */
    SampleWriter writer();

    /** Returns whether each row is a message of its own. */
    default boolean isOfSingleRows() {
        return false;
    }

    /** Returns the fault that a row has in this form, which may not have room for the row's own; null for none. */
    @Nullable
    SampleFault fault(SampleRow row);

    /** Returns whether a row with a fault is a sample in spite of it, without its labels. */
    default boolean keeps(SampleFault fault) {
        return false;
    }

    /** Returns what places count: line or element. */
    String unit();

    /** Returns the reason for which a row with a fault is refused. */
    String reason(SampleRow row, SampleFault fault);

    /** Returns the time of a sample. */
    Instant time(SampleRow row, Instant scrape);

    /** Returns the subject of a sample. */
    GpuSubject subject(SampleRow row);
}

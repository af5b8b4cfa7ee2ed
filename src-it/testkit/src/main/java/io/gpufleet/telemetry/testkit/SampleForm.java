package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.GpuSubject;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A form in which rows of a scrape are sent, and its right reading. Thread-safe. */
interface SampleForm {
    /**
     * Writes the rows of a message.
     *
     * @param rows one or more rows
     * @param places takes the number of each row's line or element in the message
     */
    byte[] write(List<SampleRow> rows, int[] places);

    /** Returns the most rows of a message of this form. */
    default int mostRows() {
        return Integer.MAX_VALUE;
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

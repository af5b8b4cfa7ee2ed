package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.GpuSubject;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A form whose messages are read as samples. Thread-safe. */
interface SampleForm extends MessageForm {
    @Override
    default ExpectedReading expected(Instant scrape, List<SampleRow> rows, int[] places) {
        return new ExpectedSamples(this, scrape).read(rows, places);
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

    /** Returns the number that a decoder reads. */
    default double number(SampleRow row) {
        return row.number();
    }

    /** Returns the time of a sample. */
    Instant time(SampleRow row, Instant scrape);

    /** Returns the subject of a sample. */
    GpuSubject subject(SampleRow row);
}

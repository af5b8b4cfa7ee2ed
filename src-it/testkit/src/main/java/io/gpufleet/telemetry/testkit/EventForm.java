package io.gpufleet.telemetry.testkit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A metric event in JSON. A damaged row is a missing reading. */
enum EventForm implements MessageForm {
    /** The only one. */
    INSTANCE;

    @Override
    public Extent extent(Extent asked) {
        return Extent.GPU;
    }

    @Override
    public SampleWriter writer() {
        return new EventText();
    }

    @Override
    public ExpectedReading expected(Instant scrape, List<SampleRow> rows, int[] places) {
        GpuEvent event = new GpuEvent(rows);
        return new ExpectedReading(
                List.of(), Optional.of(event.event()), List.of(), event.codes().size(), 0);
    }
}

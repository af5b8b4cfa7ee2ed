package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.SourceRecord;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A record that consists only of its parts. */
@SuppressWarnings("ArrayRecordComponent") // records are sent, never compared
record PlainRecord(
        byte @Nullable [] key,
        byte @Nullable [] value,
        @Nullable Instant timestamp,
        List<SourceRecord.Header> headers) implements TestRecord {}

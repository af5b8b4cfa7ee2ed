package io.gpufleet.telemetry.kafka.metrics;

import io.gpufleet.telemetry.SourceRecord;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reader of a record's headers for a propagator. Of several headers with one name the last one counts, as in Kafka.
 * Immutable.
 */
enum TraceHeaders implements TextMapGetter<SourceRecord> {
    INSTANCE;

    @Override
    @SuppressWarnings("deprecation") // older versions of OpenTelemetry leave it to us
    public Iterable<String> keys(SourceRecord record) {
        return record.headers().stream().map(SourceRecord.Header::key).toList();
    }

    @Override
    public @Nullable String get(@Nullable SourceRecord record, String key) {
        List<SourceRecord.Header> headers = record == null ? List.of() : record.headers();
        for (int i = headers.size() - 1; i >= 0; i--) {
            SourceRecord.Header header = headers.get(i);
            byte[] value = header.value();
            if (header.key().equals(key)) {
                return value == null ? null : new String(value, StandardCharsets.UTF_8);
            }
        }
        return null;
    }
}

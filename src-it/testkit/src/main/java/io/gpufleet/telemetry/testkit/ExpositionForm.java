package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.GpuSubject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Exposition text as dcgm-exporter serves it, or as OpenMetrics. */
enum ExpositionForm implements SampleForm {
    /** Text 0.0.4 without times, as exporters serve it. */
    WITHOUT_TIMES,
    /** Text 0.0.4 with milliseconds. */
    WITH_TIMES,
    /** OpenMetrics with seconds. */
    OPEN_METRICS;

    private static final int MILLIS = 1_000;
    private static final int BYTES_OF_TIME = 16;

    @Override
    public SampleWriter writer() {
        return new ExpositionText(this);
    }

    @Override
    public @Nullable SampleFault fault(SampleRow row) {
        return row.fault();
    }

    @Override
    public String unit() {
        return "line";
    }

    @Override
    public String reason(SampleRow row, SampleFault fault) {
        return switch (fault) {
            case CUT -> "label set not closed";
            case OPEN_QUOTES -> "comma or } expected";
            default -> FaultText.reason(row, fault, time(row.time()));
        };
    }

    @Override
    public Instant time(SampleRow row, Instant scrape) {
        return this == WITHOUT_TIMES ? scrape : row.time();
    }

    @Override
    public GpuSubject subject(SampleRow row) {
        GpuSubject.Builder subject = row.subject().expected();
        row.subject().others().forEach(subject::label);
        row.attributes().forEach((name, value) -> {
            if (GpuSubject.isDiscriminator(name)) {
                subject.discriminator(name, value);
            } else {
                subject.label(name, value);
            }
        });
        return subject.build();
    }

    /** Returns the time of a row, behind a blank; empty if this form has no times. */
    String time(Instant time) {
        long millis = time.toEpochMilli();
        return switch (this) {
            case WITHOUT_TIMES -> "";
            case WITH_TIMES -> " " + millis;
            case OPEN_METRICS ->
                new ByteText(BYTES_OF_TIME)
                        .add(' ')
                        .add(millis / MILLIS, 1)
                        .add('.')
                        .add(millis % MILLIS, 3)
                        .toString();
        };
    }
}

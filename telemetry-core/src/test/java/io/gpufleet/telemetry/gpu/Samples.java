package io.gpufleet.telemetry.gpu;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Subjects, samples and deliveries for tests. */
final class Samples {
    static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    static final String UUID = "GPU-0c000000-0000-4000-8000-000000000001";

    private Samples() {}

    static GpuSubject.Builder gpu() {
        return GpuSubject.builder(UUID);
    }

    static GpuSample sample(GpuMetric metric, double value, GpuSubject.Builder subject) {
        return GpuSample.of(NOON, metric, value, subject.build());
    }

    /** Returns texts that all have the same hash. */
    static List<String> colliding(int powerOfTwo) {
        return IntStream.range(0, 1 << powerOfTwo)
                .mapToObj(number -> IntStream.range(0, powerOfTwo)
                        .mapToObj(bit -> (number >> bit & 1) == 0 ? "Aa" : "BB")
                        .collect(Collectors.joining()))
                .toList();
    }

    static <T> Delivery<T> delivery(T value, Instant producedAt) {
        SourceRecord record = SourceRecord.builder(new SourcePartition("t", 0), 0)
                .timestampMillis(producedAt.toEpochMilli())
                .build();
        return Delivery.of(value, producedAt, record);
    }
}

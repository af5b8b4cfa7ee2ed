package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.Feed;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;

/** Samples of tests. */
final class Samples {
    static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

    private Samples() {}

    static String uuid(int number) {
        return String.format(Locale.ROOT, "GPU-0a000000-0000-4000-8000-%012d", number);
    }

    /** Returns a GPU on the host {@code n1}. */
    static GpuSubject.Builder gpu(int number) {
        return GpuSubject.builder(uuid(number))
                .index(number)
                .device("nvidia" + number)
                .model("NVIDIA H100 80GB HBM3")
                .pciBusId("00000000:1" + number + ":00.0")
                .host("n1");
    }

    static GpuSample sample(GpuSubject subject, String metric, double value, Instant time) {
        return GpuSample.of(time, GpuMetric.named(metric), value, subject);
    }

    /** Writes samples in one batch, each as the only value of its record. */
    static void write(Feed<GpuSample> feed, Collection<GpuSample> samples) {
        samples.forEach(sample -> feed.add(sample, sample.time()));
        feed.write();
    }
}

package io.gpufleet.telemetry.examples.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Samples as JSON come back as they were. */
final class SampleJsonTest {
    private static final Instant TIME = Instant.parse("2026-03-01T12:00:00.123456Z");

    private static GpuSample decoded(byte[] json) {
        List<GpuSample> samples = new ArrayList<>();
        SampleJsonDecoder.create().decode(json, samples::add);
        assertThat(samples).hasSize(1);
        return samples.get(0);
    }

    private static GpuSample of(GpuSubject subject) {
        return GpuSample.of(TIME, GpuMetric.POWER_USAGE, 112.25, subject);
    }

    @Test
    void encode_isReadAsTheSameSample() {
        GpuSample bare = of(GpuSubject.builder("U").build());
        GpuSample full = of(GpuSubject.builder("GPU-1")
                .index(3)
                .device("nvidia3")
                .pciBusId("00000000:18:00.0")
                .model("A \"big\" one, {rev=2} C:\\gpu")
                .migInstance("7")
                .migProfile("1g.5gb")
                .nvlink("3")
                .host("n,1")
                .namespace("ml")
                .pod("a;gi=9")
                .container("\u00e4\ud83d\ude00\n")
                .vgpu("0")
                .discriminator("clock_event", "gi=8")
                .discriminator("xid", "31")
                .label("gpu", "3")
                .label("UUID", "GPU-1")
                .label("value", "1")
                .label("job", "dgx")
                .build());

        assertThat(decoded(SampleJson.encode(bare))).isEqualTo(bare);
        assertThat(decoded(SampleJson.encode(full))).isEqualTo(full);
    }

    @Test
    void encode_keepsEveryDouble() {
        Random random = new Random(2);
        for (int i = 0; i < 1_000; i++) {
            double value = random.nextInt() * Math.pow(10, random.nextInt(-12, 3));
            GpuSample sample = GpuSample.of(
                    TIME,
                    GpuMetric.named("DCGM_FI_DEV_NOBODY_KNOWS_IT"),
                    value,
                    GpuSubject.builder("U").build());

            assertThat(decoded(SampleJson.encode(sample))).isEqualTo(sample);
        }
    }
}

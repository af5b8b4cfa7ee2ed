package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.GpuSubject;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Subjects that rows of several messages share. */
final class SharedSubjectsTest {
    private static final ScrapeContext CONTEXT = ScrapeContext.at(Decoded.NOON);

    private static GpuSubject subject(SampleJsonDecoder decoder, ScrapeContext context, String uuid, String job) {
        String row = "{\"timestamp\":\"2026-03-01T12:00:00Z\",\"metric_name\":\"DCGM_FI_DEV_GPU_TEMP\",\"value\":41,"
                + "\"uuid\":\"" + uuid + "\",\"labels_raw\":{\"job\":\"" + job + "\"}}";
        return Decoded.of(decoder, row.getBytes(UTF_8), context)
                .samples()
                .get(0)
                .subject();
    }

    @Test
    void decode_sharesTheSubjectsOfEqualLabelsOnly() {
        SampleJsonDecoder decoder = SampleJsonDecoder.create();
        GpuSubject first = subject(decoder, CONTEXT, "GPU-a", "dgx");
        assertThat(subject(decoder, CONTEXT, "GPU-a", "dgx")).isSameAs(first);
        assertThat(subject(decoder, CONTEXT, "GPU-b", "dgx").uuid()).isEqualTo("GPU-b");
        assertThat(subject(decoder, CONTEXT, "GPU-a", "other").labels()).containsEntry("job", "other");
        assertThat(subject(SampleJsonDecoder.create(), CONTEXT, "GPU-a", "dgx")).isNotSameAs(first);
    }

    @Test
    void decode_sharesNoSubjectsOfSeveralHosts() {
        SampleJsonDecoder decoder = SampleJsonDecoder.create();
        assertThat(subject(decoder, CONTEXT, "GPU-a", "dgx").host()).isEmpty();
        assertThat(subject(decoder, ScrapeContext.of(Decoded.NOON, "n1"), "GPU-a", "dgx")
                        .host())
                .isEqualTo("n1");
        assertThat(subject(decoder, ScrapeContext.of(Decoded.NOON, "n2"), "GPU-a", "dgx")
                        .host())
                .isEqualTo("n2");
    }

    @Test
    void decode_asksTheHostServiceForEachMessage() {
        int[] asked = {0};
        SampleJsonDecoder decoder = SampleJsonDecoder.builder()
                .hostResolver((labels, found) -> "n" + ++asked[0])
                .build();
        assertThat(subject(decoder, CONTEXT, "GPU-a", "dgx").host()).isEqualTo("n1");
        assertThat(subject(decoder, CONTEXT, "GPU-a", "dgx").host()).isEqualTo("n2");
    }

    @Test
    void get_forgetsAllBeyondItsMemory() {
        SharedSubjects subjects = new SharedSubjects(1 << 20);
        for (int i = 0; i < 10_000; i++) {
            subjects.get("labels " + i, Optional::empty);
        }
        assertThat(subjects.size()).isBetween(1, 1_000);
        subjects.get("labels 9999", () -> {
            throw new AssertionError("forgotten");
        });
    }
}

package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.KnownSubjects.Known;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KnownSubjectsTest {
    private static final long MOST_BYTES = 100_000;

    private final KnownSubjects subjects = new KnownSubjects(MOST_BYTES);

    private Known keep(String host, String labels, GpuSubject.Builder subject) {
        byte[] bytes = labels.getBytes(StandardCharsets.UTF_8);
        return subjects.keep(host, subjects.of(host), bytes, 0, bytes.length, Optional.of(subject.build()));
    }

    private boolean isKnown(String host, String labels) {
        byte[] bytes = labels.getBytes(StandardCharsets.UTF_8);
        return subjects.of(host).find(bytes, 0, bytes.length) != null;
    }

    @Test
    void keep_forgetsAllBeforeItPassesTheLimit() {
        int last = 0;
        while (subjects.timesForgotten() < 3) {
            keep(
                    "n" + last % 7,
                    "labels " + ++last,
                    GpuSubject.builder("GPU-01").label("a", "b"));
            assertThat(subjects.bytes()).isBetween(1L, MOST_BYTES);
        }

        assertThat(isKnown("n" + (last - 1) % 7, "labels " + last)).isTrue();
        assertThat(isKnown("n" + (last - 2) % 7, "labels " + (last - 1))).isFalse();
        assertThat(isKnown("n0", "labels 1")).isFalse();
    }

    @Test
    void of_forgetsAllBeforeHostsPassTheLimit() {
        keep("n0", "labels", GpuSubject.builder("GPU-01"));
        for (int host = 1; subjects.timesForgotten() == 0; host++) {
            subjects.of("n" + host);
            assertThat(subjects.bytes()).isLessThanOrEqualTo(MOST_BYTES);
        }

        assertThat(isKnown("n0", "labels")).isFalse();
    }

    @Test
    void isRepeated_isOfSubjectsThatMayDifferInTheirWorkloadOnly() {
        Known pod = keep("n1", "a", GpuSubject.builder("GPU-01").pod("a"));
        Known otherPod = keep("n1", "b", GpuSubject.builder("GPU-01").pod("b"));
        Known samePod = keep("n1", "c", GpuSubject.builder("GPU-01").pod("a").label("x", "y"));
        Known otherGpu = keep("n1", "d", GpuSubject.builder("GPU-02").pod("b"));
        Known otherInstance = keep("n1", "e", GpuSubject.builder("GPU-01").migInstance("7"));
        Known otherSeries = keep("n1", "f", GpuSubject.builder("GPU-01").discriminator("xid", "31"));

        assertThat(pod.isRepeated(1)).isFalse();
        assertThat(samePod.isRepeated(1)).isFalse();
        assertThat(otherGpu.isRepeated(1)).isFalse();
        assertThat(otherInstance.isRepeated(1)).isFalse();
        assertThat(otherSeries.isRepeated(1)).isFalse();
        assertThat(otherPod.isRepeated(1)).isTrue();
        assertThat(otherPod.isRepeated(2)).isFalse();
        assertThat(pod.isRepeated(2)).isTrue();
    }
}

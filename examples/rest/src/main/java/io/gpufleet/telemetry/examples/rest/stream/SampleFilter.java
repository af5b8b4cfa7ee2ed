package io.gpufleet.telemetry.examples.rest.stream;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.util.Optional;
import java.util.Set;

/**
 * A choice of samples. Immutable.
 *
 * @param gpu the UUID, or {@code device:hostname}, as the samples have them; empty for all GPUs
 * @param metrics the names before DCGM 4.6; none for all metrics
 */
record SampleFilter(Optional<String> gpu, Set<String> metrics) {
    static final SampleFilter ALL = new SampleFilter(Optional.empty(), Set.of());

    SampleFilter {
        metrics = Set.copyOf(metrics);
    }

    boolean accepts(GpuSample sample) {
        return (metrics.isEmpty() || metrics.contains(sample.metric().name()))
                && (gpu.isEmpty() || isOf(gpu.get(), sample.subject()));
    }

    private static boolean isOf(String id, GpuSubject subject) {
        return id.equalsIgnoreCase(subject.uuid()) || isAt(id, subject.device(), subject.host());
    }

    private static boolean isAt(String id, String device, String host) {
        return !device.isEmpty()
                && id.length() == device.length() + 1 + host.length()
                && id.startsWith(device)
                && id.charAt(device.length()) == ':'
                && id.endsWith(host);
    }
}

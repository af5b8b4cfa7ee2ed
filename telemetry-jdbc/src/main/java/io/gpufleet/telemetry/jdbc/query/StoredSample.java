package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.gpu.QualityFlag;
import io.gpufleet.telemetry.gpu.Scope;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A stored reading of a GPU, with its labels as of then. Immutable.
 *
 * @param time the time of the reading, to the microsecond
 * @param metric the metric's name before DCGM 4.6
 * @param value the value in the metric's unit, as it is stored
 * @param uuid the GPU
 * @param instance the part of the GPU: {@code gi:7} a MIG instance, {@code nvlink:3} a link; empty for the whole GPU
 * @param scope how the reading counts in sums
 * @param quality doubts about the reading
 * @param index the number of the GPU on its host; absent if unknown
 * @param device the name of the device; empty if unknown
 * @param model the model; empty if unknown
 * @param hostname the host; empty if unknown
 * @param namespace the namespace of the workload; empty if there is none
 * @param pod the pod of the workload; empty if there is none
 * @param container the container of the workload; empty if there is none
 * @param pciBusId the PCI address; empty if unknown
 * @param labels all other labels, by name; unmodifiable
 */
public record StoredSample(
        Instant time,
        String metric,
        double value,
        String uuid,
        String instance,
        Scope scope,
        Set<QualityFlag> quality,
        OptionalInt index,
        String device,
        String model,
        String hostname,
        String namespace,
        String pod,
        String container,
        String pciBusId,
        Map<String, String> labels) {
    /**
     * Copies the sets.
     *
     * @param time as the component
     * @param metric as the component
     * @param value as the component
     * @param uuid as the component
     * @param instance as the component
     * @param scope as the component
     * @param quality as the component
     * @param index as the component
     * @param device as the component
     * @param model as the component
     * @param hostname as the component
     * @param namespace as the component
     * @param pod as the component
     * @param container as the component
     * @param pciBusId as the component
     * @param labels as the component
     */
    public StoredSample {
        requireNonNull(time, "time");
        requireNonNull(metric, "metric");
        requireNonNull(uuid, "uuid");
        requireNonNull(instance, "instance");
        requireNonNull(scope, "scope");
        quality = Set.copyOf(quality);
        requireNonNull(index, "index");
        requireNonNull(device, "device");
        requireNonNull(model, "model");
        requireNonNull(hostname, "hostname");
        requireNonNull(namespace, "namespace");
        requireNonNull(pod, "pod");
        requireNonNull(container, "container");
        requireNonNull(pciBusId, "pciBusId");
        labels = Map.copyOf(labels);
    }
}

package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The value of an aggregation: over the whole range, or over a bucket of it. Immutable.
 *
 * @param uuid the GPU; empty for a group of GPUs
 * @param device the name of its device now; empty if unknown, and for a group
 * @param hostname its host now, or the host whose GPUs are the group; empty if unknown, and for other groups
 * @param namespace the namespace whose GPUs are the group; else empty
 * @param metric the metric's name before DCGM 4.6
 * @param aggregation the function
 * @param instance the part of the GPU; empty for the whole GPU and for a group
 * @param start the beginning of the bucket, which may lie before the range; absent without buckets
 * @param value the value; absent for the rate of a single sample
 * @param samples the number of samples that it is of, one of each time for a part of a GPU, or for a GPU of a group
 */
public record Aggregate(
        String uuid,
        String device,
        String hostname,
        String namespace,
        String metric,
        Aggregation aggregation,
        String instance,
        Optional<Instant> start,
        OptionalDouble value,
        long samples) {
    /**
     * Checks the components.
     *
     * @param uuid as the component
     * @param device as the component
     * @param hostname as the component
     * @param namespace as the component
     * @param metric as the component
     * @param aggregation as the component
     * @param instance as the component
     * @param start as the component
     * @param value as the component
     * @param samples as the component
     */
    public Aggregate {
        requireNonNull(uuid, "uuid");
        requireNonNull(device, "device");
        requireNonNull(hostname, "hostname");
        requireNonNull(namespace, "namespace");
        requireNonNull(metric, "metric");
        requireNonNull(aggregation, "aggregation");
        requireNonNull(instance, "instance");
        requireNonNull(start, "start");
        requireNonNull(value, "value");
    }
}

package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.OptionalInt;

/**
 * A GPU that samples were stored of, with its place and labels as of its newest sample. Immutable.
 *
 * @param uuid its UUID
 * @param index its number on its host; absent if unknown
 * @param device the name of its device; empty if unknown
 * @param model its model; empty if unknown
 * @param hostname its host; empty if unknown
 * @param pciBusId its PCI address; empty if unknown
 * @param namespace the namespace of its workload; empty if there is none
 * @param firstSeen the time of its oldest sample
 * @param lastSeen the time of its newest sample
 * @param migInstances the number of its MIG instances in the hour before that; 0 without MIG mode
 */
public record StoredGpu(
        String uuid,
        OptionalInt index,
        String device,
        String model,
        String hostname,
        String pciBusId,
        String namespace,
        Instant firstSeen,
        Instant lastSeen,
        int migInstances) {
    /**
     * Checks the components.
     *
     * @param uuid as the component
     * @param index as the component
     * @param device as the component
     * @param model as the component
     * @param hostname as the component
     * @param pciBusId as the component
     * @param namespace as the component
     * @param firstSeen as the component
     * @param lastSeen as the component
     * @param migInstances as the component
     */
    public StoredGpu {
        requireNonNull(uuid, "uuid");
        requireNonNull(index, "index");
        requireNonNull(device, "device");
        requireNonNull(model, "model");
        requireNonNull(hostname, "hostname");
        requireNonNull(pciBusId, "pciBusId");
        requireNonNull(namespace, "namespace");
        requireNonNull(firstSeen, "firstSeen");
        requireNonNull(lastSeen, "lastSeen");
    }

    StoredGpu withMigInstances(int instances) {
        return new StoredGpu(uuid, index, device, model, hostname, pciBusId, namespace, firstSeen, lastSeen, instances);
    }
}

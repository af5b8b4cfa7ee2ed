package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * The change of the last Xid of a GPU to another one. An Xid that is repeated with every sample is one event; so is one
 * that all MIG instances of a GPU report, or that is still there when the next pod begins. Immutable.
 *
 * @param time the time of the first sample with that number
 * @param uuid the GPU
 * @param xid the number of the Xid; the largest of one GPU and time
 * @param instance the part of the GPU that reported it; empty for the whole GPU
 * @param hostname the host at that time; empty if unknown
 */
public record XidEvent(Instant time, String uuid, int xid, String instance, String hostname) {
    /**
     * Checks the components.
     *
     * @param time as the component
     * @param uuid as the component
     * @param xid as the component
     * @param instance as the component
     * @param hostname as the component
     */
    public XidEvent {
        requireNonNull(time, "time");
        requireNonNull(uuid, "uuid");
        requireNonNull(instance, "instance");
        requireNonNull(hostname, "hostname");
    }
}

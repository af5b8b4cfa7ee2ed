package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

/**
 * The number of GPUs of a host or a namespace, each GPU where its newest sample saw it. Immutable.
 *
 * @param name the host or the namespace
 * @param gpus the number of GPUs
 */
public record GpuCount(String name, long gpus) {
    /**
     * Checks the components.
     *
     * @param name as the component
     * @param gpus as the component
     */
    public GpuCount {
        requireNonNull(name, "name");
    }
}

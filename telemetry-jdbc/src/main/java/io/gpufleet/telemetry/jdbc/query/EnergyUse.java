package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

/**
 * The energy that the GPUs of a name have used. Immutable.
 *
 * @param name the UUID, host, namespace, or {@code namespace/pod}; empty for GPUs of an unknown host or without a
 *     workload
 * @param joules the energy in joules
 * @param gpus the number of GPUs with a reading under this name
 */
public record EnergyUse(String name, double joules, long gpus) {
    /**
     * Checks the components.
     *
     * @param name as the component
     * @param joules as the component
     * @param gpus as the component
     */
    public EnergyUse {
        requireNonNull(name, "name");
    }
}

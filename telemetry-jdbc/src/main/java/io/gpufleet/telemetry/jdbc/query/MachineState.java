package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A machine and its devices as of now. Immutable.
 *
 * @param machine the machine
 * @param devices its devices by their numbers; unmodifiable
 */
public record MachineState(Machine machine, List<MachineDevice> devices) {
    /**
     * Copies the list.
     *
     * @param machine as the component
     * @param devices as the component
     */
    public MachineState {
        requireNonNull(machine, "machine");
        devices = List.copyOf(devices);
    }
}

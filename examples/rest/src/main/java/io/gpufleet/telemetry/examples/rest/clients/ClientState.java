package io.gpufleet.telemetry.examples.rest.clients;

import io.gpufleet.telemetry.jdbc.query.MachineState;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * A machine with all its devices. Immutable.
 *
 * @param client the machine
 * @param devices its devices by number
 */
@Schema(description = "A machine with all its devices by number")
record ClientState(Client client, List<ClientDevice> devices) {
    static ClientState of(MachineState state) {
        return new ClientState(
                Client.of(state.machine()),
                state.devices().stream().map(ClientDevice::of).toList());
    }
}

package io.gpufleet.telemetry.examples.rest.clients;

import io.gpufleet.telemetry.jdbc.query.MachineDevice;
import io.gpufleet.telemetry.jdbc.query.Page;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * A page of the devices of a machine. Immutable.
 *
 * @param total the number of devices of all pages
 * @param limit the size of the page, as asked
 * @param offset the number of devices before the page
 * @param count the number of devices of the page
 * @param results the devices by number
 */
@Schema(description = "A page of the devices of a machine by number")
record ClientDevicePage(long total, int limit, long offset, int count, List<ClientDevice> results) {
    static ClientDevicePage of(Page<MachineDevice> page, int limit, long offset) {
        List<ClientDevice> devices = page.rows().stream().map(ClientDevice::of).toList();
        return new ClientDevicePage(page.total().orElseThrow(), limit, offset, devices.size(), devices);
    }
}

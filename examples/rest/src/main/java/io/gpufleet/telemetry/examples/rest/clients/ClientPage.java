package io.gpufleet.telemetry.examples.rest.clients;

import io.gpufleet.telemetry.jdbc.query.Machine;
import io.gpufleet.telemetry.jdbc.query.Page;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * A page of machines. Immutable.
 *
 * @param total the number of machines of all pages
 * @param limit the size of the page, as asked
 * @param offset the number of machines before the page
 * @param count the number of machines of the page
 * @param results the machines
 */
@Schema(description = "A page of machines")
record ClientPage(long total, int limit, long offset, int count, List<Client> results) {
    static ClientPage of(Page<Machine> page, int limit, long offset) {
        List<Client> clients = page.rows().stream().map(Client::of).toList();
        return new ClientPage(page.total().orElseThrow(), limit, offset, clients.size(), clients);
    }
}

package io.gpufleet.telemetry.examples.rest.clients;

import io.gpufleet.telemetry.jdbc.query.Machine;
import io.gpufleet.telemetry.jdbc.query.Page;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;

/**
 * The machines without a heartbeat since a time. Immutable.
 *
 * @param since the time
 * @param total the number of all of them
 * @param limit the most machines, as asked
 * @param count the number of machines of this answer
 * @param results the machines, the longest silent first
 */
@Schema(description = "The machines without a heartbeat since a time, the longest silent first")
record QuietClients(Instant since, long total, int limit, int count, List<Client> results) {
    static QuietClients of(Page<Machine> page, Instant since, int limit) {
        List<Client> clients = page.rows().stream().map(Client::of).toList();
        return new QuietClients(since, page.total().orElseThrow(), limit, clients.size(), clients);
    }
}

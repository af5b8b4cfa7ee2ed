package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The division of heartbeats, in their order, before the second occurrence of a client. */
final class DistinctClients {
    private DistinctClients() {}

    static List<List<Delivery<Heartbeat>>> runs(List<Delivery<Heartbeat>> deliveries) {
        List<List<Delivery<Heartbeat>>> runs = new ArrayList<>();
        Set<ClientId> seen = new HashSet<>();
        int begin = 0;
        for (int i = 0; i < deliveries.size(); i++) {
            if (!seen.add(deliveries.get(i).value().clientId())) {
                runs.add(deliveries.subList(begin, i));
                begin = i;
                seen.clear();
                seen.add(deliveries.get(i).value().clientId());
            }
        }
        runs.add(deliveries.subList(begin, deliveries.size()));
        return runs;
    }
}

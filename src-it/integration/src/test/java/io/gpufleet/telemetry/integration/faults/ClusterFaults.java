package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.KafkaCluster;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/** The faults of one of three brokers, or of one after the other. */
final class ClusterFaults {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private ClusterFaults() {}

    /** Kills the leader of a partition, which restarts when others lead. */
    static Fault.Aftermath killLeader(FaultSite site) {
        KafkaCluster cluster = site.cluster();
        int leader = cluster.leader(FaultSite.TOPIC, site.anyPartition()).orElseThrow();
        cluster.kill(leader);
        site.waitAWhile();
        cluster.start(leader);
        cluster.awaitInSync(FaultSite.TOPIC);
        return Fault.Aftermath.NONE;
    }

    /** Leaves a partition a single replica, and kills its broker: it has no leader, and the others must continue. */
    static Fault.Aftermath takeLeader(FaultSite site) {
        KafkaCluster cluster = site.cluster();
        int partition = site.anyPartition();
        int alone = otherThanController(site);
        cluster.moveReplicas(FaultSite.TOPIC, partition, List.of(alone));
        cluster.kill(alone);
        Await.until("no leader", LIMIT, () -> cluster.leader(FaultSite.TOPIC, partition), OptionalInt::isEmpty);
        site.waitAWhile();
        cluster.start(alone);
        cluster.moveReplicas(FaultSite.TOPIC, partition, cluster.nodes());
        cluster.awaitInSync(FaultSite.TOPIC);
        return Fault.Aftermath.NONE;
    }

    /** Isolates a broker from the cluster for a while, while it still serves clients. */
    static Fault.Aftermath holdBehind(FaultSite site) {
        int held = otherThanController(site);
        site.cluster().holdBehind(held);
        site.waitAWhile();
        site.cluster().letCatchUp(held);
        site.cluster().awaitInSync(FaultSite.TOPIC);
        return Fault.Aftermath.NONE;
    }

    /** Restarts the brokers cleanly, one after the other. */
    static Fault.Aftermath restartAll(FaultSite site) {
        for (int node : site.cluster().nodes()) {
            site.cluster().stop(node);
            site.waitAWhile();
            site.cluster().start(node);
            site.cluster().awaitInSync(FaultSite.TOPIC);
        }
        return Fault.Aftermath.NONE;
    }

    private static int otherThanController(FaultSite site) {
        List<Integer> others = site.cluster().nodes().stream()
                .filter(node -> node != site.cluster().activeController())
                .toList();
        return others.get(site.random().nextInt(others.size()));
    }
}

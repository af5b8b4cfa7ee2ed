package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.TelemetryException;
import org.apache.kafka.common.ClusterResource;
import org.junit.jupiter.api.Test;

class ClientClusterTest {
    private final ClientCluster cluster = new ClientCluster();
    private final Generation generation = new Generation(Logs.partition(0), Logs.position(5));

    @Test
    void require_acceptsTheClusterOfThePositions() {
        cluster.require(generation);
        cluster.onUpdate(new ClusterResource(Logs.ID.clusterId()));
        cluster.onUpdate(new ClusterResource(null));

        cluster.require(generation);
    }

    /** A client may still hand out records that it fetched before it came back. */
    @Test
    void require_refusesAClientThatWasEverOfAnother() {
        cluster.onUpdate(new ClusterResource("another"));
        cluster.onUpdate(new ClusterResource(Logs.ID.clusterId()));

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> cluster.require(generation))
                .withMessageContaining("cluster another")
                .withMessageContaining("the position of t-0 belongs to cluster " + Logs.ID.clusterId());
    }

    @Test
    void deserialize_leavesValuesAsTheyAre() {
        byte[] value = {1, 2};

        assertThat(cluster.deserialize("t", value)).isSameAs(value);
        assertThat(cluster.deserialize("t", null)).isNull();
    }
}

package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.TelemetryException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.ClusterResource;
import org.apache.kafka.common.ClusterResourceListener;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * The clusters reached by one polling client, as it reports them (KIP-78): another client of the same addresses may
 * have reached another cluster. It is the deserializer of the client's values, which stay bytes, because Kafka notifies
 * a deserializer of the cluster. Thread-safe.
 */
final class ClientCluster implements Deserializer<byte[]>, ClusterResourceListener {
    private final Set<String> ids = ConcurrentHashMap.newKeySet();

    @Override
    @SuppressWarnings("NullAway") // A tombstone has no value, and Kafka's interface says nothing about null.
    public byte @Nullable [] deserialize(String topic, byte @Nullable [] value) {
        return value;
    }

    @Override
    public void onUpdate(ClusterResource cluster) {
        if (cluster.clusterId() != null) {
            ids.add(cluster.clusterId());
        }
    }

    /**
     * Refuses a client of another cluster than that of what is read.
     *
     * @throws TelemetryException if the client has reached another one; it may hold records of that
     */
    void require(Generation generation) {
        String expected = generation.log().clusterId();
        for (String id : ids) {
            if (!id.equals(expected)) {
                throw new TelemetryException("The Kafka client that polls has reached cluster " + id
                        + ", but the position of " + generation.partition() + " belongs to cluster " + expected
                        + ": bootstrapServers(…) leads to brokers of both. Name the brokers of one");
            }
        }
    }
}

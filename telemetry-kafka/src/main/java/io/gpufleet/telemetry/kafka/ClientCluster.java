package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.TelemetryException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.ClusterResource;
import org.apache.kafka.common.ClusterResourceListener;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * The clusters reached by one polling client, as reported by the client (KIP-78): another client of the same addresses
 * may have reached another cluster. It is the client's value deserializer, which leaves the bytes unchanged, because
 * Kafka notifies deserializers of the cluster. Thread-safe.
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
     * Refuses a client of another cluster than that of a generation.
     *
     * @throws TelemetryException if the client has reached another cluster, of which it may hold records
     */
    void require(Generation generation) {
        String expected = generation.log().clusterId();
        for (String id : ids) {
            if (!id.equals(expected)) {
                throw new TelemetryException("Polling Kafka client has reached cluster " + id
                        + ", but the position of " + generation.partition() + " belongs to cluster " + expected
                        + ": bootstrapServers(…) leads to brokers of both; name the brokers of one");
            }
        }
    }
}

package io.gpufleet.telemetry.kafka.topic;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TopicCluster;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.kafka.internal.Answers;
import io.gpufleet.telemetry.kafka.internal.ClientFactory;
import io.gpufleet.telemetry.kafka.internal.LogEnd;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import io.gpufleet.telemetry.kafka.internal.TopicFacts;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics of a Kafka cluster, read through an admin client of its own.
 *
 * <pre>{@code
 * try (KafkaTopicCluster cluster = KafkaTopicCluster.create("localhost:9092")) {
 *     PartitionAdvisor advisor = PartitionAdvisor.create(dataSource, cluster);
 *     advisor.watch("client-heartbeats");
 *     advisor.measure();
 * }
 * }</pre>
 *
 * <p>Raising partitions needs the right to alter the topic, reading it the right to describe it. The wait for an answer
 * is 20 seconds at most. Thread-safe.
 */
public final class KafkaTopicCluster implements TopicCluster, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KafkaTopicCluster.class);
    private static final long LIMIT_MILLIS = 20_000;

    private final String bootstrapServers;
    private final TopicAdmin admin;

    KafkaTopicCluster(String bootstrapServers, TopicAdmin admin) {
        this.bootstrapServers = bootstrapServers;
        this.admin = admin;
    }

    /**
     * Creates a client of a cluster; asks nothing yet.
     *
     * @param bootstrapServers the bootstrap servers: {@code host:port}, separated by commas
     * @return the cluster, to be closed
     * @throws TelemetryException if the client cannot be built
     */
    public static KafkaTopicCluster create(String bootstrapServers) {
        return create(bootstrapServers, Map.of());
    }

    /**
     * Creates a client of a cluster; asks nothing yet.
     *
     * @param bootstrapServers the bootstrap servers: {@code host:port}, separated by commas
     * @param overrides further settings of the Kafka client, such as security; names as in Kafka's documentation
     * @return the cluster, to be closed
     * @throws TelemetryException if the client cannot be built
     */
    public static KafkaTopicCluster create(String bootstrapServers, Map<String, ?> overrides) {
        Arguments.text("bootstrapServers", bootstrapServers);
        requireNonNull(overrides, "overrides");
        return new KafkaTopicCluster(
                bootstrapServers, new TopicAdmin(() -> ClientFactory.admin(bootstrapServers, overrides), LIMIT_MILLIS));
    }

    /**
     * Reads topics; records of open transactions do not count yet. A topic that does not answer, or of which one
     * partition does not answer, is left out and logged.
     */
    @Override
    public Map<String, Topic> read(Set<String> topics) {
        Map<String, TopicFacts> facts = describe(topics);
        List<SourcePartition> partitions = facts.entrySet().stream()
                .flatMap(topic -> IntStream.range(0, topic.getValue().partitions())
                        .mapToObj(number -> new SourcePartition(topic.getKey(), number)))
                .toList();
        Map<String, Long> sums = new HashMap<>();
        Answers<SourcePartition, LogEnd> ends = admin.ends(partitions);
        ends.known().forEach((partition, end) -> sums.merge(partition.topic(), end.offset(), Long::sum));
        Map<String, Topic> read = new HashMap<>();
        facts.forEach(
                (name, fact) -> read.put(name, new Topic(fact.id(), fact.partitions(), sums.getOrDefault(name, 0L))));
        ends.failures().forEach((partition, failure) -> leaveOut(partition.topic(), failure, read));
        return read;
    }

    private static void leaveOut(String topic, TopicAdmin.ClusterException failure, Map<String, Topic> read) {
        if (read.remove(topic) != null) {
            log.warn("Topic {} is not measured: {}", topic, failure.getMessage());
        }
    }

    /** Describes the topics; one without a description does not affect the others, and all failures are logged. */
    private Map<String, TopicFacts> describe(Set<String> topics) {
        Answers<String, TopicFacts> described = admin.describeSettled(topics);
        if (described.known().isEmpty()) {
            try {
                return described.all();
            } catch (TopicAdmin.ClusterException e) {
                throw new TelemetryException("Brokers at " + bootstrapServers + ": " + e.getMessage(), e);
            }
        }
        described
                .failures()
                .forEach((topic, failure) -> log.warn("Topic {} is not read: {}", topic, failure.getMessage()));
        return described.known();
    }

    @Override
    public void raisePartitions(String topic, int partitions) {
        requireNonNull(topic, "topic");
        if (partitions < 1) {
            throw new IllegalArgumentException("partitions: " + partitions + " is not 1 or more");
        }
        admin.raisePartitions(topic, partitions);
    }

    /** Closes the client; pending questions fail at once. */
    @Override
    public void close() {
        admin.close();
    }
}

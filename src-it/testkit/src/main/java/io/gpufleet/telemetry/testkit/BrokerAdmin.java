package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;

/** The requests of tests to a broker, beside records, answered synchronously. Thread-safe. */
final class BrokerAdmin implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Admin admin;

    BrokerAdmin(String bootstrapServers) {
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    /** Creates the topic and waits until every partition has its leader. */
    void createTopic(String topic, int partitions, Map<String, String> configuration) {
        NewTopic created = new NewTopic(topic, Optional.of(partitions), Optional.empty()).configs(configuration);
        get("create topic " + topic, admin.createTopics(List.of(created)).all());
        awaitPartitions(topic, partitions);
    }

    /** Creates the topic with the given replicas of each partition, and waits for the leaders. */
    void createTopic(String topic, Map<Integer, List<Integer>> replicas, Map<String, String> configuration) {
        NewTopic created = new NewTopic(topic, replicas).configs(configuration);
        get("create topic " + topic, admin.createTopics(List.of(created)).all());
        awaitPartitions(topic, replicas.size());
    }

    void addPartitions(String topic, int total) {
        Map<String, NewPartitions> wanted = Map.of(topic, NewPartitions.increaseTo(total));
        get("add partitions to " + topic, admin.createPartitions(wanted).all());
        awaitPartitions(topic, total);
    }

    /** Deletes the topic and waits until the broker no longer lists it. */
    void deleteTopic(String topic) {
        get("delete topic " + topic, admin.deleteTopics(List.of(topic)).all());
        Await.until(
                "the end of topic " + topic,
                LIMIT,
                () -> get("list topics", admin.listTopics().names()),
                names -> !names.contains(topic));
    }

    void deleteRecordsBefore(TopicPartition partition, long offset) {
        Map<TopicPartition, RecordsToDelete> wanted = Map.of(partition, RecordsToDelete.beforeOffset(offset));
        get("delete records of " + partition, admin.deleteRecords(wanted).all());
    }

    Map<Integer, Long> ends(String topic) {
        Map<Integer, Long> ends = new TreeMap<>();
        offsets(topic, OffsetSpec.latest()).forEach((partition, offset) -> ends.put(partition.partition(), offset));
        return ends;
    }

    /** Returns the lag of a group's commits; a partition without a commit counts from its start. */
    long committedLag(String group, String topic) {
        Map<TopicPartition, Long> positions = new HashMap<>(offsets(topic, OffsetSpec.earliest()));
        positions.putAll(committed(group));
        return offsets(topic, OffsetSpec.latest()).entrySet().stream()
                .mapToLong(end -> end.getValue() - positions.getOrDefault(end.getKey(), 0L))
                .sum();
    }

    private Map<TopicPartition, Long> offsets(String topic, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> asked =
                partitions(topic).stream().collect(Collectors.toMap(Function.identity(), partition -> spec));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        get("offsets of " + topic, admin.listOffsets(asked).all())
                .forEach((partition, found) -> offsets.put(partition, found.offset()));
        return offsets;
    }

    /** Returns the committed offsets of the group; partitions without a commit are absent. */
    private Map<TopicPartition, Long> committed(String group) {
        Map<TopicPartition, OffsetAndMetadata> found = get(
                "offsets of group " + group,
                admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        return found.entrySet().stream()
                .filter(entry -> entry.getValue() != null)
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }

    /**
     * Fails at once if the topic does not exist; a producer would wait a minute for its metadata.
     *
     * @throws IllegalStateException if there is no such topic
     */
    void requireTopic(String topic) {
        describe(topic);
    }

    /** Moves a partition's replicas; returns before the move is done. */
    void moveReplicas(TopicPartition partition, List<Integer> nodes) {
        get(
                "move " + partition + " to " + nodes,
                admin.alterPartitionReassignments(Map.of(partition, Optional.of(new NewPartitionReassignment(nodes))))
                        .all());
    }

    /** Returns the numbers of the live brokers, as the cluster sees them. */
    Set<Integer> liveNodes() {
        return get("describe the cluster", admin.describeCluster().nodes()).stream()
                .map(Node::id)
                .collect(Collectors.toSet());
    }

    /** Returns the number of the active controller. */
    int activeController() {
        return get("describe the quorum", admin.describeMetadataQuorum().quorumInfo())
                .leaderId();
    }

    /** Returns the number of the broker that coordinates a consumer group. */
    int coordinator(String group) {
        KafkaFuture<ConsumerGroupDescription> described =
                admin.describeConsumerGroups(List.of(group)).all().thenApply(found -> requireNonNull(found.get(group)));
        return get("describe group " + group, described).coordinator().id();
    }

    List<TopicPartitionInfo> describe(String topic) {
        KafkaFuture<TopicDescription> described = admin.describeTopics(List.of(topic))
                .allTopicNames()
                .thenApply(found -> requireNonNull(found.get(topic), topic));
        return get("describe topic " + topic, described).partitions();
    }

    private List<TopicPartition> partitions(String topic) {
        return describe(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
    }

    private void awaitPartitions(String topic, int count) {
        Await.until(
                count + " partitions of " + topic + " with a leader",
                LIMIT,
                () -> describe(topic),
                found -> found.size() == count && found.stream().allMatch(partition -> partition.leader() != null));
    }

    private static <T> T get(String what, KafkaFuture<T> future) {
        try {
            return future.get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            Throwable cause = requireNonNullElse(e.getCause(), e);
            throw new IllegalStateException(what + ": " + cause.getMessage(), cause);
        } catch (TimeoutException e) {
            throw new IllegalStateException(what + ": no answer within " + LIMIT, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(what + ": interrupted", e);
        }
    }
}

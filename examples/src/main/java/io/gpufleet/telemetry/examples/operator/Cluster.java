package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.KafkaOptions;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The Kafka cluster of the options, with its topics and logs. Thread-safe. */
final class Cluster implements AutoCloseable {
    private static final int ANSWER_MILLIS = 10_000;

    private final String name;
    private final Admin admin;

    private Cluster(String name, Admin admin) {
        this.name = name;
        this.admin = admin;
    }

    /**
     * Starts a client. A cluster that does not answer within 10 seconds is an error, unless the options set another
     * limit.
     */
    static Cluster connect(KafkaOptions options) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        properties.putAll(options.clientProperties());
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrapServers());
        return new Cluster(options.bootstrapServers(), Admin.create(properties));
    }

    /**
     * Returns the groups and topics, read all at once: unavailable brokers cost the time of one request, however many
     * groups and topics there are.
     */
    ClusterLook look(Collection<String> groups, Collection<String> names) {
        Map<String, KafkaFuture<ConsumerGroupDescription>> askedGroups =
                admin.describeConsumerGroups(groups).describedGroups();
        Map<String, KafkaFuture<TopicDescription>> askedTopics =
                admin.describeTopics(names).topicNameValues();
        KafkaFuture<String> askedId = admin.describeCluster().clusterId();
        Map<String, Topic> topics = new TreeMap<>();
        Map<String, TelemetryException> failures = new TreeMap<>();
        askedTopics.forEach((name, asked) -> {
            try {
                topic(name, asked, askedId).ifPresent(topic -> topics.put(name, topic));
            } catch (TelemetryException e) {
                failures.put(name, e);
            }
        });
        Map<String, GroupMembers> members = new TreeMap<>();
        askedGroups.forEach((group, asked) -> members.put(group, members(group, asked)));
        return new ClusterLook(
                members,
                topics,
                failures,
                logs(topics.values().stream()
                        .flatMap(topic -> topic.partitions().stream())
                        .toList()));
    }

    /** Returns a topic; absent if there is none. */
    Optional<Topic> topic(String topic) {
        KafkaFuture<TopicDescription> asked =
                admin.describeTopics(List.of(topic)).topicNameValues().get(topic);
        return topic(
                topic, requireNonNull(asked, topic), admin.describeCluster().clusterId());
    }

    private Optional<Topic> topic(String topic, KafkaFuture<TopicDescription> asked, KafkaFuture<String> askedId) {
        try {
            TopicDescription found = get("describe topic " + topic, asked);
            UUID id = new UUID(
                    found.topicId().getMostSignificantBits(), found.topicId().getLeastSignificantBits());
            LogId log = new LogId(get("read the cluster's id", askedId), id);
            return Optional.of(new Topic(topic, log, found.partitions().size()));
        } catch (TelemetryException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException
                    || e.getCause() instanceof InvalidTopicException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Returns a topic that must exist. */
    Topic requireTopic(String topic) {
        return topic(topic).orElseThrow(() -> new TelemetryException("No topic " + topic + " at " + name));
    }

    /**
     * Returns the logs of partitions, as a consumer that reads committed records sees them; an unavailable partition
     * does not affect the others.
     */
    Logs logs(Collection<SourcePartition> partitions) {
        Map<SourcePartition, String> failures = new TreeMap<>();
        // The committed end is read first: records that arrive in between must not look held back.
        Map<SourcePartition, Long> all =
                offsets(every(partitions, OffsetSpec.latest()), IsolationLevel.READ_UNCOMMITTED, failures);
        Map<SourcePartition, Long> ends =
                offsets(every(all.keySet(), OffsetSpec.latest()), IsolationLevel.READ_COMMITTED, failures);
        Map<SourcePartition, LogRange> ranges = new TreeMap<>();
        offsets(every(ends.keySet(), OffsetSpec.earliest()), IsolationLevel.READ_COMMITTED, failures)
                .forEach((partition, beginning) -> ranges.put(
                        partition,
                        new LogRange(
                                beginning,
                                ends.getOrDefault(partition, beginning),
                                all.getOrDefault(partition, beginning))));
        return new Logs(ranges, failures);
    }

    /**
     * Returns an offset of each partition, -1 where there is none.
     *
     * @throws TelemetryException if one cannot be asked
     */
    Map<SourcePartition, Long> offsets(Collection<SourcePartition> partitions, OffsetSpec which) {
        return offsets(every(partitions, which));
    }

    /**
     * Returns an offset of each partition, -1 where there is no such one.
     *
     * @throws TelemetryException if one cannot be asked
     */
    Map<SourcePartition, Long> offsets(Map<SourcePartition, OffsetSpec> wanted) {
        Map<SourcePartition, String> failures = new TreeMap<>();
        Map<SourcePartition, Long> offsets = offsets(wanted, IsolationLevel.READ_COMMITTED, failures);
        return new Logs(Map.of(), failures).requireAll(offsets);
    }

    /** A group that the coordinator does not know has no members. */
    private GroupMembers members(String group, KafkaFuture<ConsumerGroupDescription> asked) {
        try {
            return GroupMembers.of(
                    get("describe group " + group, asked).members().size());
        } catch (TelemetryException e) {
            return e.getCause() instanceof GroupIdNotFoundException
                    ? GroupMembers.of(0)
                    : GroupMembers.unknown(String.valueOf(e.getMessage()));
        }
    }

    private static Map<SourcePartition, OffsetSpec> every(Collection<SourcePartition> partitions, OffsetSpec which) {
        return partitions.stream().collect(Collectors.toMap(partition -> partition, partition -> which));
    }

    private Map<SourcePartition, Long> offsets(
            Map<SourcePartition, OffsetSpec> wanted, IsolationLevel isolation, Map<SourcePartition, String> failures) {
        Map<TopicPartition, OffsetSpec> question = wanted.entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> new TopicPartition(
                                entry.getKey().topic(), entry.getKey().partition()),
                        Map.Entry::getValue));
        ListOffsetsResult asked = admin.listOffsets(question, new ListOffsetsOptions(isolation));
        Map<SourcePartition, Long> offsets = new TreeMap<>();
        question.keySet().forEach(name -> {
            SourcePartition partition = new SourcePartition(name.topic(), name.partition());
            try {
                offsets.put(
                        partition,
                        get("read the offsets of " + partition, asked.partitionResult(name))
                                .offset());
            } catch (TelemetryException e) {
                failures.put(partition, String.valueOf(e.getMessage()));
            }
        });
        return offsets;
    }

    private <R> R get(String what, KafkaFuture<R> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            Throwable cause = requireNonNullElse(e.getCause(), e);
            String why = cause instanceof TimeoutException ? "no answer in time" : cause.getMessage();
            throw new TelemetryException("Cannot " + what + " at " + name + ": " + why, cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TelemetryException("Cannot " + what + " at " + name + ": interrupted", e);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }

    /** Returns the brokers that were named. */
    @Override
    public String toString() {
        return name;
    }
}

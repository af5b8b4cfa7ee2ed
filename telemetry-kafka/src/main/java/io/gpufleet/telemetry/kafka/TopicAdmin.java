package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNullElse;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.LeaderNotAvailableException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the cluster, never on the poll thread. A cluster that does not answer in time is a {@link ClusterException}.
 * Thread-safe.
 */
final class TopicAdmin implements AutoCloseable {
    private final Supplier<Admin> clients;
    private final Optional<LogFacts> brokers;
    private final long timeoutMillis;
    private @Nullable Admin admin;
    private boolean closed;

    /**
     * Makes a client.
     *
     * @param clients makes one, and another when that has to be replaced
     * @param timeoutMillis how long an answer is waited for
     */
    TopicAdmin(Supplier<Admin> clients, long timeoutMillis) {
        this(clients, Optional.empty(), timeoutMillis);
    }

    /**
     * Makes a client that does not believe any broker in what positions stand on.
     *
     * @param clients makes one, and another when that has to be replaced
     * @param brokers knows topics and logs; without it any broker is believed
     * @param timeoutMillis how long an answer is waited for
     */
    TopicAdmin(Supplier<Admin> clients, Optional<LogFacts> brokers, long timeoutMillis) {
        this.clients = clients;
        this.brokers = brokers;
        this.timeoutMillis = timeoutMillis;
        this.admin = clients.get();
    }

    /** Lets the next question make another client; whatever this one is still asked fails at once. */
    void renew() {
        brokers.ifPresent(LogFacts::renew);
        synchronized (this) {
            closeClient();
        }
    }

    private synchronized Admin admin() {
        if (admin == null) {
            admin = another();
        }
        return admin;
    }

    private Admin another() {
        if (closed) {
            throw new ClusterException("Cannot ask the cluster: closed", new DisconnectException());
        }
        try {
            return clients.get();
        } catch (TelemetryException e) {
            throw new ClusterException("Cannot ask the cluster: " + e.getMessage(), new DisconnectException(e));
        }
    }

    private void closeClient() {
        if (admin != null) {
            admin.close(Duration.ZERO);
            admin = null;
        }
    }

    /** Describes those of the topics that exist. */
    Map<String, TopicFacts> describe(Collection<String> topics) {
        return brokers.map(known -> known.describe(topics)).orElseGet(() -> describedByAny(topics));
    }

    /** Describes those of the topics that exist, and of which no broker serves an earlier log on. */
    Map<String, TopicFacts> describeSettled(Collection<String> topics) {
        return brokers.map(known -> known.describeSettled(topics)).orElseGet(() -> describedByAny(topics));
    }

    /** Tells which broker keeps topics from being consumed, if one does. */
    Optional<String> trouble() {
        return brokers.flatMap(LogFacts::trouble);
    }

    private Map<String, TopicFacts> describedByAny(Collection<String> topics) {
        Map<String, TopicFacts> facts = new HashMap<>();
        admin().describeTopics(topics).topicNameValues().forEach((topic, answer) -> {
            try {
                TopicDescription description = get("describe topic " + topic, answer);
                facts.put(
                        topic,
                        new TopicFacts(
                                toUuid(description.topicId()),
                                description.partitions().size()));
            } catch (ClusterException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        });
        return facts;
    }

    /** Tells which of the topics let the broker overwrite the producers' timestamps. */
    List<String> withLogAppendTime(Collection<String> topics) {
        List<ConfigResource> resources = topics.stream()
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                .toList();
        return get(
                        "read the settings of " + topics,
                        admin().describeConfigs(resources).all())
                .entrySet()
                .stream()
                .filter(entry -> "LogAppendTime"
                        .equals(entry.getValue()
                                .get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG)
                                .value()))
                .map(entry -> entry.getKey().name())
                .toList();
    }

    Map<SourcePartition, Long> beginnings(Collection<SourcePartition> partitions) {
        return brokers.map(known -> all(partitions, known.beginnings(partitions)))
                .orElseGet(() -> offsets(partitions, OffsetSpec.earliest(), ListOffsetsResultInfo::offset));
    }

    /** Returns the ends up to which a consumer that reads committed records can read. */
    Map<SourcePartition, LogEnd> ends(Collection<SourcePartition> partitions) {
        return brokers.map(known -> all(partitions, known.ends(partitions)))
                .orElseGet(() -> offsets(
                        partitions,
                        OffsetSpec.latest(),
                        info -> new LogEnd(info.offset(), info.leaderEpoch().orElse(-1))));
    }

    private static <R> Map<SourcePartition, R> all(Collection<SourcePartition> asked, Map<SourcePartition, R> found) {
        for (SourcePartition partition : asked) {
            if (!found.containsKey(partition)) {
                throw failure(
                        "list offsets of " + asked.size() + " partitions",
                        new LeaderNotAvailableException(partition + " has no leader that answers"));
            }
        }
        return found;
    }

    private <R> Map<SourcePartition, R> offsets(
            Collection<SourcePartition> partitions, OffsetSpec spec, Function<ListOffsetsResultInfo, R> reading) {
        Map<TopicPartition, OffsetSpec> question =
                partitions.stream().collect(Collectors.toMap(Names::toKafka, partition -> spec));
        ListOffsetsOptions options = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
        return get(
                        "list offsets of " + partitions.size() + " partitions",
                        admin().listOffsets(question, options).all())
                .entrySet()
                .stream()
                .collect(Collectors.toMap(
                        entry -> Names.fromKafka(entry.getKey()), entry -> reading.apply(entry.getValue())));
    }

    /** Returns the offsets that a group has committed. */
    Map<SourcePartition, OffsetAndMetadata> committed(String groupId) {
        Map<TopicPartition, OffsetAndMetadata> offsets = get(
                "read the committed offsets of group " + groupId,
                admin().listConsumerGroupOffsets(groupId).partitionsToOffsetAndMetadata());
        return offsets.entrySet().stream()
                .filter(entry -> entry.getValue() != null)
                .collect(Collectors.toMap(entry -> Names.fromKafka(entry.getKey()), Map.Entry::getValue));
    }

    /** Raises the partitions of a topic, unless it has as many. */
    void raisePartitions(String topic, int partitions) {
        try {
            get(
                    "raise the partitions of topic " + topic + " to " + partitions,
                    admin().createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions)))
                            .all());
        } catch (ClusterException e) {
            if (!(e.getCause() instanceof InvalidPartitionsException) || !hasPartitions(topic, partitions)) {
                throw e;
            }
        }
    }

    private boolean hasPartitions(String topic, int partitions) {
        return describe(List.of(topic)).values().stream().anyMatch(facts -> facts.partitions() >= partitions);
    }

    private <R> R get(String what, KafkaFuture<R> answer) {
        try {
            return answer.get(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = requireNonNullElse(e.getCause(), e);
            throw failure(what, cause);
        } catch (TimeoutException e) {
            throw new ClusterException("Cannot " + what + ": no answer within " + timeoutMillis + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("Cannot " + what + ": interrupted", e);
        }
    }

    /** The cluster did not do something, for this reason. */
    static ClusterException failure(String what, Throwable cause) {
        return new ClusterException("Cannot " + what + ": " + ClusterWords.of(cause), cause);
    }

    private static UUID toUuid(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    /** Ends the client; whatever is still asked fails at once. */
    @Override
    public void close() {
        brokers.ifPresent(LogFacts::close);
        synchronized (this) {
            closed = true;
            closeClient();
        }
    }

    /** Tells whether what a failure says may change by itself. */
    static boolean isRetriable(Throwable failure) {
        return failure.getCause() instanceof RetriableException || failure.getCause() instanceof TimeoutException;
    }

    /** The cluster did not do what was asked. */
    static final class ClusterException extends TelemetryException {
        private static final long serialVersionUID = 1L;

        ClusterException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}

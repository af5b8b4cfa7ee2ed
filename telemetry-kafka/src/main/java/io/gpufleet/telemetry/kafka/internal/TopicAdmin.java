package io.gpufleet.telemetry.kafka.internal;

import static java.util.Objects.requireNonNullElse;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.LeaderNotAvailableException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The client for questions to the cluster, never on the poll thread. Throws {@link ClusterException} if the cluster
 * does not answer in time. Thread-safe.
 */
public final class TopicAdmin implements AutoCloseable {
    private final OwnedAdmin admin;
    private final Optional<LogFacts> brokers;
    private final long timeoutMillis;
    private final Map<String, Set<Integer>> leaderless = new ConcurrentHashMap<>();

    /**
     * Creates a client.
     *
     * @param clients the factory of the client and its replacements
     * @param timeoutMillis the longest wait for an answer
     */
    public TopicAdmin(Supplier<Admin> clients, long timeoutMillis) {
        this(clients, Optional.empty(), timeoutMillis);
    }

    /**
     * Creates a client that does not trust every broker about positions.
     *
     * @param clients the factory of the client and its replacements
     * @param brokers the trusted source of topics and logs; without it any broker is trusted
     * @param timeoutMillis the longest wait for an answer
     */
    public TopicAdmin(Supplier<Admin> clients, Optional<LogFacts> brokers, long timeoutMillis) {
        this.admin = new OwnedAdmin(clients, System::nanoTime);
        this.brokers = brokers;
        this.timeoutMillis = timeoutMillis;
    }

    /** Replaces the client before the next question; pending questions fail at once. */
    public void renew() {
        brokers.ifPresent(LogFacts::renew);
        admin.release();
    }

    /**
     * Describes the existing topics.
     *
     * @throws ClusterException if one cannot be asked
     */
    public Map<String, TopicFacts> describe(Collection<String> topics) {
        return brokers.map(known -> described(topics, known::describe))
                .orElseGet(() -> describedByAny(topics).all());
    }

    /** Describes the existing topics, each by itself. */
    public Answers<String, TopicFacts> describeEach(Collection<String> topics) {
        return brokers.map(known -> each(topics, names -> described(names, known::describe)))
                .orElseGet(() -> describedByAny(topics));
    }

    /** Describes the existing topics without a broker that still serves an earlier log, each by itself. */
    public Answers<String, TopicFacts> describeSettled(Collection<String> topics) {
        return brokers.map(known -> each(topics, names -> described(names, known::describeSettled)))
                .orElseGet(() -> describedByAny(topics));
    }

    /** Asks the admin client only while brokers answer: otherwise it would look for brokers by itself, and log that. */
    private Map<String, TopicFacts> described(
            Collection<String> topics, Function<Collection<String>, Map<String, TopicFacts>> question) {
        try {
            return question.apply(topics);
        } catch (ClusterException e) {
            if (isSilence(e)) {
                admin.release();
            }
            throw e;
        }
    }

    /** Repeats a failed question topic by topic: one refused topic fails the question for all. */
    private static Answers<String, TopicFacts> each(
            Collection<String> topics, Function<Collection<String>, Map<String, TopicFacts>> question) {
        try {
            return new Answers<>(question.apply(topics), Map.of());
        } catch (ClusterException e) {
            boolean isOfOne = topics.size() > 1 && e.getCause() instanceof TopicAuthorizationException;
            if (!isOfOne) {
                return new Answers<>(Map.of(), topics.stream().collect(Collectors.toMap(topic -> topic, topic -> e)));
            }
        }
        Map<String, TopicFacts> known = new HashMap<>();
        Map<String, ClusterException> failures = new HashMap<>();
        for (String topic : topics) {
            Answers<String, TopicFacts> one = each(List.of(topic), question);
            known.putAll(one.known());
            failures.putAll(one.failures());
        }
        return new Answers<>(known, failures);
    }

    /** Returns the reason why a broker prevents the consumption of topics, if there is one. */
    public Optional<String> trouble() {
        return brokers.flatMap(LogFacts::trouble);
    }

    private Answers<String, TopicFacts> describedByAny(Collection<String> topics) {
        Answers<String, TopicFacts> answers = answers(
                new Questions<>(
                        "describe topic", admin.get().describeTopics(topics).topicNameValues()),
                this::facts);
        Map<String, ClusterException> failures = new HashMap<>(answers.failures());
        failures.values().removeIf(failure -> failure.getCause() instanceof UnknownTopicOrPartitionException);
        return new Answers<>(answers.known(), failures);
    }

    private TopicFacts facts(TopicDescription description) {
        leaderless.put(
                description.name(),
                description.partitions().stream()
                        .filter(info -> info.leader() == null || info.leader().isEmpty())
                        .map(TopicPartitionInfo::partition)
                        .collect(Collectors.toSet()));
        return new TopicFacts(
                toUuid(description.topicId()), description.partitions().size());
    }

    /**
     * Returns the id of the cluster.
     *
     * @throws ClusterException if the brokers that know topics and logs are of another cluster than the admin client's
     */
    public String clusterId() {
        String what = "read the id of the cluster";
        String any = get(what, admin.get().describeCluster().clusterId());
        brokers.map(LogFacts::clusterId).filter(id -> !id.equals(any)).ifPresent(id -> {
            throw failure(
                    what,
                    new MixedClustersException("one client has reached cluster " + any + ", another cluster " + id));
        });
        return any;
    }

    /** Returns for each topic whether the broker overwrites the producers' timestamps. */
    public Answers<String, Boolean> logAppendTime(Collection<String> topics) {
        List<ConfigResource> resources = topics.stream()
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                .toList();
        Map<String, KafkaFuture<Config>> settings = new HashMap<>();
        admin.get()
                .describeConfigs(resources)
                .values()
                .forEach((resource, answer) -> settings.put(resource.name(), answer));
        return answers(
                new Questions<>("read the settings of topic", settings),
                config -> "LogAppendTime"
                        .equals(config.get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG)
                                .value()));
    }

    public Answers<SourcePartition, Long> beginnings(Collection<SourcePartition> partitions) {
        return brokers.map(known -> answers(partitions, known.beginnings(partitions)))
                .orElseGet(() -> offsets(
                        partitions,
                        OffsetSpec.earliest(),
                        IsolationLevel.READ_COMMITTED,
                        ListOffsetsResultInfo::offset));
    }

    /** Returns the ends of logs for a reader of committed records. */
    public Answers<SourcePartition, LogEnd> ends(Collection<SourcePartition> partitions) {
        return brokers.map(known -> answers(partitions, known.ends(partitions)))
                .orElseGet(() -> offsets(
                        partitions,
                        OffsetSpec.latest(),
                        IsolationLevel.READ_COMMITTED,
                        info -> new LogEnd(info.offset(), info.leaderEpoch().orElse(-1))));
    }

    private static <R> Answers<SourcePartition, R> answers(
            Collection<SourcePartition> asked, Map<SourcePartition, R> found) {
        Map<SourcePartition, ClusterException> failures = new HashMap<>();
        asked.stream()
                .filter(partition -> !found.containsKey(partition))
                .forEach(partition -> failures.put(
                        partition,
                        failure(
                                "read the offsets of " + partition,
                                new LeaderNotAvailableException("it has no leader that answers"))));
        return new Answers<>(found, failures);
    }

    /** Returns the ends of logs, including records behind open transactions. */
    public Answers<SourcePartition, Long> highWatermarks(Collection<SourcePartition> partitions) {
        return brokers.map(known -> answers(partitions, known.highWatermarks(partitions)))
                .orElseGet(() -> offsets(
                        partitions,
                        OffsetSpec.latest(),
                        IsolationLevel.READ_UNCOMMITTED,
                        ListOffsetsResultInfo::offset));
    }

    /** Asks the leaders; partitions without one at the last description are left out. */
    private <R> Answers<SourcePartition, R> offsets(
            Collection<SourcePartition> partitions,
            OffsetSpec spec,
            IsolationLevel isolation,
            Function<ListOffsetsResultInfo, R> reading) {
        List<SourcePartition> led = partitions.stream().filter(this::hasLeader).toList();
        Map<TopicPartition, OffsetSpec> question =
                led.stream().collect(Collectors.toMap(TopicPartitions::toKafka, partition -> spec));
        ListOffsetsOptions options = new ListOffsetsOptions(isolation).timeoutMs((int) timeoutMillis);
        ListOffsetsResult asked = admin.get().listOffsets(question, options);
        Map<SourcePartition, KafkaFuture<ListOffsetsResultInfo>> futures = led.stream()
                .collect(Collectors.toMap(
                        partition -> partition, p -> asked.partitionResult(TopicPartitions.toKafka(p))));
        Answers<SourcePartition, R> answers = answers(new Questions<>("read the offsets of", futures), reading);
        Map<SourcePartition, ClusterException> failures = new HashMap<>(answers.failures());
        partitions.stream()
                .filter(partition -> !futures.containsKey(partition))
                .forEach(partition -> failures.put(partition, withoutLeader(partition)));
        return new Answers<>(answers.known(), failures);
    }

    private boolean hasLeader(SourcePartition partition) {
        return !leaderless.getOrDefault(partition.topic(), Set.of()).contains(partition.partition());
    }

    private static ClusterException withoutLeader(SourcePartition partition) {
        return failure(
                "read the offsets of " + partition,
                new LeaderNotAvailableException("it has no leader: the brokers that hold it are down"));
    }

    /** Returns the offsets of the first records of a time or later, for partitions that have one. */
    public Map<SourcePartition, Long> firstSince(Map<SourcePartition, Instant> times) {
        Map<TopicPartition, OffsetSpec> question = times.entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> TopicPartitions.toKafka(entry.getKey()),
                        entry -> OffsetSpec.forTimestamp(entry.getValue().toEpochMilli())));
        return get(
                        "list offsets by time of " + times.size() + " partitions",
                        admin.get()
                                .listOffsets(question, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                                .all())
                .entrySet()
                .stream()
                .filter(entry -> entry.getValue().offset() >= 0)
                .collect(Collectors.toMap(
                        entry -> TopicPartitions.fromKafka(entry.getKey()),
                        entry -> entry.getValue().offset()));
    }

    /** Returns the offsets that a group has committed. */
    public Map<SourcePartition, OffsetAndMetadata> committed(String groupId) {
        Map<TopicPartition, OffsetAndMetadata> offsets = get(
                "read the committed offsets of group " + groupId,
                admin.get().listConsumerGroupOffsets(groupId).partitionsToOffsetAndMetadata());
        return offsets.entrySet().stream()
                .filter(entry -> entry.getValue() != null)
                .collect(Collectors.toMap(entry -> TopicPartitions.fromKafka(entry.getKey()), Map.Entry::getValue));
    }

    /** Raises the number of a topic's partitions, unless it has that many. */
    public void raisePartitions(String topic, int partitions) {
        try {
            get(
                    "raise the partitions of topic " + topic + " to " + partitions,
                    admin.get()
                            .createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions)))
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

    private <K, V, R> Answers<K, R> answers(Questions<K, V> questions, Function<V, R> reading) {
        Answers<K, R> answers = questions.answers(timeoutMillis, reading);
        boolean isAnswered = answers.failures().values().stream().anyMatch(failure -> !isSilence(failure));
        admin.asked(
                !answers.known().isEmpty() || isAnswered || questions.futures().isEmpty());
        return answers;
    }

    private <R> R get(String what, KafkaFuture<R> answer) {
        try {
            R value = answer.get(timeoutMillis, TimeUnit.MILLISECONDS);
            admin.asked(true);
            return value;
        } catch (ExecutionException e) {
            Throwable cause = requireNonNullElse(e.getCause(), e);
            ClusterException failure = failure(what, cause);
            admin.asked(!isSilence(failure));
            throw failure;
        } catch (TimeoutException e) {
            admin.asked(false);
            throw new ClusterException("Cannot " + what + ": no answer within " + timeoutMillis + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("Cannot " + what + ": interrupted", e);
        }
    }

    /** Returns the failure of a request to the cluster. */
    public static ClusterException failure(String what, Throwable cause) {
        return new ClusterException("Cannot " + what + ": " + FailureText.of(cause), cause);
    }

    private static UUID toUuid(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    /** Closes the client; pending questions fail at once. */
    @Override
    public void close() {
        brokers.ifPresent(LogFacts::close);
        admin.close();
    }

    /** Returns whether a failure may pass by itself. */
    public static boolean isRetriable(Throwable failure) {
        return failure.getCause() instanceof RetriableException || failure.getCause() instanceof TimeoutException;
    }

    /** Returns whether no broker has answered. */
    private static boolean isSilence(Throwable failure) {
        Throwable cause = failure.getCause();
        return cause instanceof TimeoutException
                || cause instanceof org.apache.kafka.common.errors.TimeoutException
                || cause instanceof DisconnectException;
    }

    /** The failure of a request to the cluster. */
    public static final class ClusterException extends TelemetryException {
        private static final long serialVersionUID = 1L;

        public ClusterException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}

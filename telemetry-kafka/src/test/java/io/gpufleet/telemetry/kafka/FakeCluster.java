package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import io.gpufleet.telemetry.kafka.internal.TopicFacts;
import io.gpufleet.telemetry.kafka.internal.TopicPartitions;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreatePartitionsResult;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.DescribeConfigsResult;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.internals.CoordinatorKey;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.KafkaFutureImpl;

/** A cluster in memory that answers the requests of an admin client, or fails on demand. Thread-safe. */
public final class FakeCluster implements InvocationHandler {
    private static final Node LEADER = new Node(1, "localhost", 1);

    private final Map<String, TopicFacts> topics = new ConcurrentHashMap<>();
    private final Map<SourcePartition, Long> beginnings = new ConcurrentHashMap<>();
    private final Map<SourcePartition, Long> ends = new ConcurrentHashMap<>();
    private final Map<String, Long> firstSince = new ConcurrentHashMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> committed = new ConcurrentHashMap<>();
    private final Map<String, Throwable> failures = new ConcurrentHashMap<>();
    private final Set<String> silent = ConcurrentHashMap.newKeySet();
    private final Map<Integer, Optional<Throwable>> damaged = new ConcurrentHashMap<>();
    private final Map<SourcePartition, Long> highWatermarks = new ConcurrentHashMap<>();
    public final Set<Integer> leaderless = ConcurrentHashMap.newKeySet();
    public final Set<String> withLogAppendTime = ConcurrentHashMap.newKeySet();
    final List<String> calls = new ArrayList<>();
    public volatile Optional<Duration> closedWithin = Optional.empty();
    volatile String clusterId = Logs.ID.clusterId();
    volatile Runnable beforeAnswer = () -> {};

    public Admin admin() {
        return (Admin) Proxy.newProxyInstance(Admin.class.getClassLoader(), new Class<?>[] {Admin.class}, this);
    }

    public TopicAdmin topicAdmin() {
        return new TopicAdmin(this::admin, 50);
    }

    /** Creates or recreates the topic {@code t}, in the cluster of its log. */
    public void topic(LogId log, int partitions) {
        clusterId = log.clusterId();
        topics.put(Logs.TOPIC, new TopicFacts(log.topicId(), partitions));
    }

    void dropTopic() {
        topics.clear();
    }

    public void log(int partition, long beginning, long end) {
        beginnings.put(Logs.partition(partition), beginning);
        ends.put(Logs.partition(partition), end);
    }

    /** Sets the first offset of a time or later; without one, all records are older. */
    void firstSince(int partition, Instant time, long offset) {
        firstSince.put(partition + "@" + time.toEpochMilli(), offset);
    }

    /** Commits an offset as another consumer does. */
    public void commit(int partition, long offset) {
        commit(partition, offset, "");
    }

    /** Commits an offset as this SDK does. */
    public void commit(int partition, long offset, LogId log) {
        commit(partition, offset, CommitMark.of(log));
    }

    private void commit(int partition, long offset, String metadata) {
        committed.put(Logs.kafkaName(partition), new OffsetAndMetadata(offset, Optional.of(Logs.EPOCH), metadata));
    }

    /** Fails the calls of one method of the admin client. */
    public void fail(String method, Throwable failure) {
        failures.put(method, failure);
    }

    /** Silences one method of the admin client. */
    public void silence(String method) {
        silent.add(method);
    }

    /** Fails the questions for the offsets of one partition, or never answers them if no failure is given. */
    public void damage(int partition, Optional<Throwable> failure) {
        damaged.put(partition, failure);
    }

    /** Holds back records behind the end of a log, as an open transaction does. */
    public void holdBack(int partition, long highWatermark) {
        highWatermarks.put(Logs.partition(partition), highWatermark);
    }

    public void heal() {
        damaged.clear();
        leaderless.clear();
        failures.clear();
        silent.clear();
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws ReflectiveOperationException {
        synchronized (calls) {
            calls.add(method.getName());
        }
        if (!method.getName().equals("close")) {
            beforeAnswer.run();
        }
        return switch (method.getName()) {
            case "describeTopics" -> new Topics(answers((Collection<?>) arguments[0], this::describe));
            case "describeCluster" -> cluster();
            case "describeConfigs" -> new Configs(answers((Collection<?>) arguments[0], this::config));
            case "listOffsets" ->
                new ListOffsetsResult(offsets((Map<?, ?>) arguments[0], (ListOffsetsOptions) arguments[1]));
            case "listConsumerGroupOffsets" -> committed((String) arguments[0]);
            case "createPartitions" -> created((Map<?, ?>) arguments[0]);
            case "close" -> {
                closedWithin = Optional.of((Duration) arguments[0]);
                yield null;
            }
            default -> throw new UnsupportedOperationException(method.getName());
        };
    }

    private <V> KafkaFuture<V> answer(String method, V value) {
        KafkaFutureImpl<V> answer = new KafkaFutureImpl<>();
        Throwable failure = failures.get(method);
        if (failure != null) {
            answer.completeExceptionally(failure);
        } else if (!silent.contains(method)) {
            answer.complete(value);
        }
        return answer;
    }

    @SuppressWarnings("unchecked")
    private static <K, V> Map<K, KafkaFuture<V>> answers(Collection<?> keys, Function<K, KafkaFuture<V>> answer) {
        return keys.stream().map(key -> (K) key).collect(Collectors.toMap(key -> key, answer));
    }

    private KafkaFuture<TopicDescription> describe(String topic) {
        TopicFacts facts = topics.get(topic);
        if (facts == null) {
            KafkaFutureImpl<TopicDescription> unknown = new KafkaFutureImpl<>();
            unknown.completeExceptionally(new UnknownTopicOrPartitionException("no topic " + topic));
            return unknown;
        }
        List<TopicPartitionInfo> partitions = IntStream.range(0, facts.partitions())
                .mapToObj(number -> new TopicPartitionInfo(number, leader(number), List.of(), List.of()))
                .toList();
        Uuid id = new Uuid(facts.id().getMostSignificantBits(), facts.id().getLeastSignificantBits());
        return answer("describeTopics", new TopicDescription(topic, false, partitions, Set.of(), id));
    }

    private Node leader(int partition) {
        return leaderless.contains(partition) ? Node.noNode() : LEADER;
    }

    private KafkaFuture<Config> config(ConfigResource resource) {
        String type = withLogAppendTime.contains(resource.name()) ? "LogAppendTime" : "CreateTime";
        return answer("describeConfigs", new Config(Set.of(new ConfigEntry("message.timestamp.type", type))));
    }

    private Map<TopicPartition, KafkaFuture<ListOffsetsResultInfo>> offsets(
            Map<?, ?> question, ListOffsetsOptions options) {
        boolean all = options.isolationLevel() == IsolationLevel.READ_UNCOMMITTED;
        Map<TopicPartition, KafkaFuture<ListOffsetsResultInfo>> answers = new HashMap<>();
        question.forEach((key, spec) -> {
            SourcePartition name = TopicPartitions.fromKafka((TopicPartition) key);
            long offset = offset(name, (OffsetSpec) spec, all);
            answers.put((TopicPartition) key, offset(name, new ListOffsetsResultInfo(offset, -1, Optional.empty())));
        });
        return answers;
    }

    private long offset(SourcePartition partition, OffsetSpec spec, boolean all) {
        if (spec instanceof OffsetSpec.TimestampSpec since) {
            return firstSince.getOrDefault(partition.partition() + "@" + timestamp(since), -1L);
        }
        if (spec instanceof OffsetSpec.EarliestSpec) {
            return beginnings.getOrDefault(partition, 0L);
        }
        long end = ends.getOrDefault(partition, 0L);
        return all ? highWatermarks.getOrDefault(partition, end) : end;
    }

    private static long timestamp(OffsetSpec.TimestampSpec spec) {
        try {
            Method timestamp = OffsetSpec.TimestampSpec.class.getDeclaredMethod("timestamp");
            timestamp.setAccessible(true);
            return (long) timestamp.invoke(spec);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private DescribeClusterResult cluster() throws ReflectiveOperationException {
        Constructor<?> constructor = DescribeClusterResult.class.getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        KafkaFuture<String> id = answer("describeCluster", clusterId);
        KafkaFuture<Object> nothing = KafkaFuture.completedFuture(null);
        return (DescribeClusterResult) constructor.newInstance(nothing, nothing, id, nothing);
    }

    private KafkaFuture<ListOffsetsResultInfo> offset(SourcePartition name, ListOffsetsResultInfo info) {
        Optional<Throwable> failure = damaged.get(name.partition());
        if (failure == null) {
            return answer("listOffsets", info);
        }
        KafkaFutureImpl<ListOffsetsResultInfo> answer = new KafkaFutureImpl<>();
        failure.ifPresent(answer::completeExceptionally);
        return answer;
    }

    /** Returns committed offsets, by reflection: the constructor of the result is not accessible. */
    private ListConsumerGroupOffsetsResult committed(String groupId) throws ReflectiveOperationException {
        Constructor<ListConsumerGroupOffsetsResult> constructor =
                ListConsumerGroupOffsetsResult.class.getDeclaredConstructor(Map.class);
        constructor.setAccessible(true);
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>(committed);
        return constructor.newInstance(
                Map.of(CoordinatorKey.byGroupId(groupId), answer("listConsumerGroupOffsets", offsets)));
    }

    /** Raises the partitions as a broker does: an error unless there are more than before. */
    private CreatePartitionsResult created(Map<?, ?> wanted) throws ReflectiveOperationException {
        Map<String, KafkaFuture<Void>> answers = new HashMap<>();
        wanted.forEach((name, partitions) ->
                answers.put((String) name, created((String) name, ((NewPartitions) partitions).totalCount())));
        Constructor<CreatePartitionsResult> constructor =
                CreatePartitionsResult.class.getDeclaredConstructor(Map.class);
        constructor.setAccessible(true);
        return constructor.newInstance(answers);
    }

    private KafkaFuture<Void> created(String topic, int total) {
        TopicFacts facts = topics.get(topic);
        KafkaFutureImpl<Void> refused = new KafkaFutureImpl<>();
        if (facts == null) {
            refused.completeExceptionally(new UnknownTopicOrPartitionException("no topic " + topic));
            return refused;
        }
        if (total <= facts.partitions()) {
            refused.completeExceptionally(new InvalidPartitionsException("has " + facts.partitions() + " partitions"));
            return refused;
        }
        KafkaFuture<Void> answer = answer("createPartitions", null);
        if (answer.isDone() && !answer.isCompletedExceptionally()) {
            topics.put(topic, new TopicFacts(facts.id(), total));
        }
        return answer;
    }

    private static final class Topics extends DescribeTopicsResult {
        Topics(Map<String, KafkaFuture<TopicDescription>> answers) {
            super(null, answers);
        }
    }

    private static final class Configs extends DescribeConfigsResult {
        Configs(Map<ConfigResource, KafkaFuture<Config>> answers) {
            super(answers);
        }
    }

    /** Returns the methods that were called, each once. */
    Set<String> distinctCalls() {
        synchronized (calls) {
            return new HashSet<>(calls);
        }
    }
}

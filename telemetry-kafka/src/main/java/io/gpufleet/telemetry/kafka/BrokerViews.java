package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.kafka.BrokerView.Leader;
import io.gpufleet.telemetry.kafka.BrokerView.TopicView;
import io.gpufleet.telemetry.kafka.internal.LogEnd;
import io.gpufleet.telemetry.kafka.internal.LogFacts;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import io.gpufleet.telemetry.kafka.internal.TopicFacts;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.requests.AbstractRequest;
import org.jspecify.annotations.Nullable;

/**
 * The brokers' own knowledge: topics from the most advanced broker, logs from the leaders that it names. An answer
 * knows everything that was true when a broker served a record before the question, however far other brokers are
 * behind. Thread-safe.
 */
final class BrokerViews implements LogFacts {
    /** The wait for a broker when others have answered. */
    private static final long PATIENCE_MILLIS = 1_000;

    private final OwnedCalls calls;
    private final LeaderOffsets offsets;
    private final long timeoutMillis;
    private final Object lock = new Object();
    private final NewestView newest = new NewestView();
    private final Map<Integer, Node> brokers = new TreeMap<>();
    private final Map<String, TopicView> topics = new ConcurrentHashMap<>();
    private final Map<String, List<Integer>> unsettled = new ConcurrentHashMap<>();
    private volatile boolean answered = true;

    /**
     * Creates the view without a connection.
     *
     * @param clients creates a client, and its replacements
     * @param timeoutMillis the longest wait for an answer
     */
    BrokerViews(Supplier<BrokerCalls> clients, long timeoutMillis) {
        this.calls = new OwnedCalls(clients);
        this.offsets = new LeaderOffsets(new OwnedCalls(clients), this);
        this.timeoutMillis = timeoutMillis;
    }

    @Override
    public String clusterId() {
        synchronized (lock) {
            return newest.clusterId().orElseGet(() -> learn(List.of()).clusterId());
        }
    }

    @Override
    public Map<String, TopicFacts> describe(Collection<String> names) {
        return facts(learn(names));
    }

    @Override
    public Map<String, TopicFacts> describeSettled(Collection<String> names) {
        Map<String, TopicFacts> facts = new HashMap<>(facts(learn(names)));
        facts.keySet().removeAll(unsettled.keySet());
        return facts;
    }

    private static Map<String, TopicFacts> facts(BrokerView view) {
        return view.topics().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        topic -> new TopicFacts(
                                topic.getValue().id(), topic.getValue().partitions())));
    }

    private BrokerView learn(Collection<String> names) {
        synchronized (lock) {
            Collection<BrokerView> views = ask(names);
            BrokerView view = newest.of(views);
            view.brokers().forEach(broker -> brokers.put(broker.id(), broker));
            for (String name : names) {
                keep(topics, name, view.topics().get(name));
                List<Integer> behind = NewestView.withEarlierLog(name, view, views);
                keep(unsettled, name, behind.isEmpty() ? null : behind);
            }
            return view;
        }
    }

    private static <V> void keep(Map<String, V> map, String name, @Nullable V value) {
        if (value == null) {
            map.remove(name);
        } else {
            map.put(name, value);
        }
    }

    /** Returns whether brokers answered the last question. */
    boolean answer() {
        return answered;
    }

    /** Asks all known brokers, and those named by the answers. */
    private Collection<BrokerView> ask(Collection<String> names) {
        long millis = Math.min(timeoutMillis, calls.get().timeoutMillis());
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        Map<Integer, BrokerView> views = new HashMap<>();
        Map<Integer, Node> open = new LinkedHashMap<>(brokers);
        Set<Integer> asked = new HashSet<>();
        while (System.nanoTime() - deadline < 0 && !Thread.currentThread().isInterrupted()) {
            if (open.isEmpty() && !views.isEmpty()) {
                return views.values();
            }
            if (open.isEmpty()) {
                if (!asked.isEmpty()) {
                    answered = false;
                }
                asked.clear();
                calls.get().named().forEach(node -> open.put(node.id(), node));
            }
            asked.addAll(open.keySet());
            for (BrokerView view : newest.ofOneCluster(views(names, open.values(), deadline))) {
                answered = true;
                view.brokers().forEach(broker -> open.put(broker.id(), broker));
                if (view.broker() >= 0) {
                    views.put(view.broker(), view);
                }
            }
            open.keySet().removeAll(asked);
        }
        answered = false;
        throw TopicAdmin.failure(question(names), silence(millis));
    }

    private List<BrokerView> views(Collection<String> names, Collection<Node> nodes, long deadlineNanos) {
        Map<Node, List<AbstractRequest.Builder<?>>> questions = new LinkedHashMap<>();
        nodes.forEach(node -> questions.put(node, BrokerView.questions(names)));
        try {
            return calls.get().ask(questions, PATIENCE_MILLIS, deadlineNanos).entrySet().stream()
                    .map(answers -> BrokerView.of(answers.getKey(), answers.getValue()))
                    .toList();
        } catch (AuthenticationException e) {
            throw TopicAdmin.failure(question(names), e);
        }
    }

    private static String question(Collection<String> names) {
        return "describe topic " + String.join(", ", names);
    }

    private RuntimeException silence(long millis) {
        return calls.isStopped()
                ? new DisconnectException("closed")
                : new TimeoutException("no answer within " + millis + " ms");
    }

    /** Returns the known leaders of these partitions. */
    Map<SourcePartition, Leader> leaders(Collection<SourcePartition> partitions) {
        Map<SourcePartition, Leader> leaders = new HashMap<>();
        for (SourcePartition partition : partitions) {
            TopicView topic = topics.get(partition.topic());
            Leader leader = topic == null ? null : topic.leaders().get(partition.partition());
            if (leader != null) {
                leaders.put(partition, leader);
            }
        }
        return leaders;
    }

    @Override
    public Map<SourcePartition, Long> beginnings(Collection<SourcePartition> partitions) {
        return offsets.of(partitions, LeaderQuestion.BEGINNING, LeaderQuestion::offset);
    }

    @Override
    public Map<SourcePartition, LogEnd> ends(Collection<SourcePartition> partitions) {
        return offsets.of(partitions, LeaderQuestion.END, LeaderQuestion::end);
    }

    @Override
    public Map<SourcePartition, Long> highWatermarks(Collection<SourcePartition> partitions) {
        return offsets.of(partitions, LeaderQuestion.HIGH_WATERMARK, LeaderQuestion::offset);
    }

    @Override
    public Optional<String> trouble() {
        return unsettled.entrySet().stream()
                .findFirst()
                .map(topic -> "topic " + topic.getKey() + " was recreated, and broker "
                        + topic.getValue().get(0)
                        + " still serves its earlier log: it does not hear from the controllers; stop or repair it");
    }

    @Override
    public void renew() {
        calls.renew();
        offsets.renew();
    }

    @Override
    public void close() {
        calls.stop();
        offsets.close();
        synchronized (lock) {
            calls.release();
        }
    }
}

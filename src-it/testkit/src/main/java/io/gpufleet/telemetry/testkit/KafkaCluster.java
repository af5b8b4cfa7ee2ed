package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Three real Kafka brokers for tests, numbered 1 to 3, each in its own JVM and with its own controller, reachable from
 * this machine only. Topics have three replicas, two of which must be in sync for a record to be accepted.
 *
 * <p>Each broker can be stopped, killed, suspended and started again on its data and its port. With
 * {@link Builder#links}, a broker can be held behind: then it continues to serve clients, with its old knowledge of the
 * cluster. This class itself never asks a broker that is held or down. {@link #close()} and a shutdown hook end all
 * brokers and delete their data. Thread-safe.
 *
 * <pre>{@code
 * try (KafkaCluster kafka = KafkaCluster.builder().start()) {
 *     kafka.createTopic("events", 6);
 *     kafka.kill(kafka.leader("events", 0).orElseThrow());
 * }
 * }</pre>
 */
public final class KafkaCluster implements KafkaTopics, AutoCloseable {
    private static final List<Integer> NODES = List.of(1, 2, 3);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int MOST_FORGOTTEN = 3;

    private final Object lock = new Object();
    private final ClusterLinks links;
    private final Map<Integer, BrokerRuns> brokers = new TreeMap<>();
    private final Set<Integer> held = new TreeSet<>();
    private final Runnable closeAtExit = this::close;
    private final Deque<BrokerAdmin> forgotten = new ArrayDeque<>();
    private @Nullable BrokerAdmin admin;

    private KafkaCluster(Builder builder) {
        this.links = new ClusterLinks(NODES, builder.links);
        String cluster = Uuid.randomUuid().toString();
        for (int node : NODES) {
            BrokerFiles files = new BrokerFiles();
            files.write(BrokerProperties.ofCluster(files.data(), links.properties(node), builder.settings));
            files.writeScram(List.of());
            files.writeCluster(cluster);
            List<String> arguments = List.copyOf(builder.jvmArguments);
            brokers.put(
                    node,
                    new BrokerRuns(
                            name(node),
                            files,
                            () -> ForkedBroker.start(files.serverProperties(), arguments, Optional.empty())));
        }
        CloseAtExit.add(closeAtExit);
    }

    /**
     * Returns a builder with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the numbers of the brokers.
     *
     * @return 1, 2 and 3
     */
    public List<Integer> nodes() {
        return NODES;
    }

    @Override
    public String bootstrapServers() {
        return NODES.stream().map(links::address).collect(Collectors.joining(","));
    }

    /**
     * Returns the address of one broker, from which clients learn of the others.
     *
     * @param node the broker's number
     * @return host and port
     */
    public String bootstrapServers(int node) {
        return links.address(requireNode(node));
    }

    @Override
    public void createTopic(String topic, int partitions, Map<String, String> configuration) {
        admin().createTopic(topic, partitions, configuration);
        awaitKnown(topic, partitions);
    }

    /**
     * Creates a topic with given replicas, and waits until it can be used.
     *
     * @param topic its name
     * @param replicas for each partition the numbers of the brokers that hold it, the wanted leader first
     * @param configuration settings as {@code min.insync.replicas}
     * @throws IllegalStateException if the cluster refuses
     */
    public void createTopic(String topic, List<List<Integer>> replicas, Map<String, String> configuration) {
        Map<Integer, List<Integer>> assignment =
                IntStream.range(0, replicas.size()).boxed().collect(Collectors.toMap(number -> number, replicas::get));
        admin().createTopic(topic, assignment, configuration);
        awaitKnown(topic, replicas.size());
    }

    @Override
    public void addPartitions(String topic, int total) {
        admin().addPartitions(topic, total);
        awaitKnown(topic, total);
    }

    @Override
    public void deleteTopic(String topic) {
        admin().deleteTopic(topic);
        Await.until(
                "the end of topic " + topic + " on all brokers",
                LIMIT,
                () -> reachable().stream().allMatch(node -> topicId(node, topic).isEmpty()));
    }

    /** Waits until all brokers know a topic, since one may learn of it later than another. */
    private void awaitKnown(String topic, int partitions) {
        Await.until(
                partitions + " partitions of " + topic + " with a leader on all brokers",
                LIMIT,
                () -> reachable().stream()
                        .allMatch(node -> BrokerView.partitionsWithLeader(links.port(node), topic) == partitions));
    }

    @Override
    public void deleteRecordsBefore(String topic, int partition, long offset) {
        admin().deleteRecordsBefore(new TopicPartition(topic, partition), offset);
    }

    @Override
    public void publish(String topic, Iterable<? extends TestRecord> records) {
        admin().requireTopic(topic);
        new BrokerPublisher(reachableServers()).publish(topic, records);
    }

    @Override
    public Map<Integer, Long> endOffsets(String topic) {
        return admin().ends(topic);
    }

    @Override
    public long committedLag(String group, String topic) {
        return admin().committedLag(group, topic);
    }

    /**
     * Returns the broker that leads a partition.
     *
     * @param topic the topic's name
     * @param partition the partition's number
     * @return the broker's number; empty while none leads it
     * @throws IllegalStateException if there is no such topic
     */
    public OptionalInt leader(String topic, int partition) {
        Node leader = admin().describe(topic).get(partition).leader();
        return leader == null || leader.isEmpty() ? OptionalInt.empty() : OptionalInt.of(leader.id());
    }

    /**
     * Returns the broker that coordinates a consumer group.
     *
     * @param group the group's id
     * @return the broker's number
     * @throws IllegalStateException if there is no such group
     */
    public int coordinator(String group) {
        return admin().coordinator(group);
    }

    /**
     * Moves a partition to other brokers, and waits until its replicas are there and nowhere else.
     *
     * @param topic the topic's name
     * @param partition the partition's number
     * @param nodes the numbers of the brokers that hold it from now on, the wanted leader first
     * @throws IllegalStateException if the cluster refuses
     */
    public void moveReplicas(String topic, int partition, List<Integer> nodes) {
        nodes.forEach(KafkaCluster::requireNode);
        admin().moveReplicas(new TopicPartition(topic, partition), nodes);
        Await.until(
                "replicas of " + topic + "-" + partition + " on " + nodes + " and a leader among them",
                LIMIT,
                () -> admin().describe(topic).get(partition),
                found -> found.leader() != null
                        && nodes.contains(found.leader().id())
                        && found.isr().size() == nodes.size()
                        && found.replicas().stream().map(Node::id).toList().equals(nodes));
    }

    /**
     * Returns the broker with the active controller.
     *
     * @return the broker's number
     */
    public int activeController() {
        return admin().activeController();
    }

    /**
     * Returns a topic's id as one broker sees it; a broker that is held behind may return an old one.
     *
     * @param node the broker's number
     * @param topic the topic's name
     * @return the topic's id; empty if the broker does not know the topic
     */
    public Optional<UUID> topicId(int node, String topic) {
        return BrokerView.topicId(links.port(requireNode(node)), topic)
                .map(id -> new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()));
    }

    /**
     * Waits until all replicas of a topic are in sync, so that any single broker may fail.
     *
     * @param topic the topic's name
     */
    public void awaitInSync(String topic) {
        Await.until(
                "all replicas of " + topic + " in sync",
                LIMIT,
                () -> admin().describe(topic),
                partitions -> partitions.stream().allMatch(KafkaCluster::isInSync));
    }

    private static boolean isInSync(TopicPartitionInfo partition) {
        return partition.isr().size() == partition.replicas().size();
    }

    /**
     * Holds a broker behind: until {@link #letCatchUp}, it exchanges nothing with the controllers of the others, but
     * continues to serve clients. Waits until the others no longer count it as live, and its partitions have other
     * leaders.
     *
     * @param node the broker's number
     * @throws IllegalStateException if the cluster was not built with {@link Builder#links}; if the broker is not
     *     running, or has the active controller, which would stay active
     */
    public void holdBehind(int node) {
        if (!links.canBeHeld()) {
            throw new IllegalStateException(
                    "hold behind: the brokers have no links between them; build the cluster with links(…)");
        }
        requireRunning(node, "hold behind");
        if (activeController() == node) {
            throw new IllegalStateException(
                    "hold behind: the controller of " + name(node) + " leads the others: hold another");
        }
        synchronized (lock) {
            held.add(node);
            links.hold(node);
        }
        forgetAdmin();
        Await.until(name(node) + " is not counted on", LIMIT, this::liveNodes, live -> !live.contains(node));
        forgetAdmin();
    }

    /**
     * Reconnects a broker that was held behind, and waits until the others count it as live again.
     *
     * @param node the broker's number
     */
    public void letCatchUp(int node) {
        links.heal(requireNode(node));
        Await.until(name(node) + " is counted on", LIMIT, this::liveNodes, live -> live.contains(node));
        synchronized (lock) {
            held.remove(node);
        }
        forgetAdmin();
    }

    /**
     * Returns the live brokers, with a new client each time: an old one would keep asking the broker that is not live.
     */
    private Set<Integer> liveNodes() {
        try (BrokerAdmin asking = new BrokerAdmin(reachableServers())) {
            return asking.liveNodes();
        }
    }

    /**
     * Returns whether a broker lives; a suspended one does.
     *
     * @param node the broker's number
     * @return false once it has ended
     */
    public boolean isRunning(int node) {
        return broker(node).isRunning();
    }

    /**
     * Starts a broker again on its data and its port.
     *
     * @param node the broker's number
     * @throws IllegalStateException if it is running, or does not start
     */
    public void start(int node) {
        broker(node).begin();
        broker(node).awaitStarted();
        forgetAdmin();
    }

    /**
     * Stops a broker cleanly, after it has handed over its partitions. Without effect if it is not running.
     *
     * @param node the broker's number
     */
    public void stop(int node) {
        broker(node).stop();
        forgetAdmin();
    }

    /**
     * Ends a broker at once (SIGKILL).
     *
     * @param node the broker's number
     * @throws IllegalStateException if it is not running
     */
    public void kill(int node) {
        requireRunning(node, "kill").kill();
        forgetAdmin();
    }

    /**
     * Suspends a broker (SIGSTOP), until {@link #resume}.
     *
     * @param node the broker's number
     * @throws IllegalStateException if it is not running
     */
    public void suspend(int node) {
        requireRunning(node, "suspend").suspend();
    }

    /**
     * Resumes a suspended broker (SIGCONT).
     *
     * @param node the broker's number
     * @throws IllegalStateException if it is not running
     */
    public void resume(int node) {
        requireRunning(node, "resume").resume();
    }

    /** Ends all brokers and deletes their data. */
    @Override
    public void close() {
        closeAdmins();
        // All at once: a broker that stops cleanly waits for a controller, and the last ones would have none.
        brokers.values().stream()
                .filter(BrokerRuns::isRunning)
                .forEach(runs -> runs.requireRunning("close").kill());
        brokers.values().forEach(BrokerRuns::close);
        links.close();
        CloseAtExit.remove(closeAtExit);
    }

    @Override
    public String toString() {
        return "Kafka cluster at " + bootstrapServers();
    }

    private static String name(int node) {
        return "Kafka broker " + node;
    }

    private static int requireNode(int node) {
        if (!NODES.contains(node)) {
            throw new IllegalArgumentException("node: " + node + " is not one of " + NODES);
        }
        return node;
    }

    private BrokerRuns broker(int node) {
        return requireNonNull(brokers.get(requireNode(node)), "node");
    }

    private BrokerRun requireRunning(int node, String action) {
        return broker(node).requireRunning(action);
    }

    /** Returns the brokers that run and are not held behind. */
    private List<Integer> reachable() {
        synchronized (lock) {
            return NODES.stream()
                    .filter(node -> !held.contains(node) && isRunning(node))
                    .toList();
        }
    }

    private String reachableServers() {
        List<Integer> reachable = reachable();
        if (reachable.isEmpty()) {
            throw new IllegalStateException("use: of " + this + " no broker is running");
        }
        return reachable.stream().map(links::address).collect(Collectors.joining(","));
    }

    private BrokerAdmin admin() {
        synchronized (lock) {
            if (admin == null) {
                admin = new BrokerAdmin(reachableServers());
            }
            return admin;
        }
    }

    /** Forgets the client, so that the next request goes to reachable brokers; current requests are still answered. */
    private void forgetAdmin() {
        synchronized (lock) {
            if (admin != null) {
                forgotten.add(admin);
                admin = null;
            }
            if (forgotten.size() > MOST_FORGOTTEN) {
                forgotten.remove().close();
            }
        }
    }

    private void closeAdmins() {
        forgetAdmin();
        synchronized (lock) {
            forgotten.forEach(BrokerAdmin::close);
            forgotten.clear();
        }
    }

    /** Builds a {@link KafkaCluster}. Not thread-safe. */
    public static final class Builder {
        private final Map<String, String> settings = new TreeMap<>();
        private final List<String> jvmArguments = new ArrayList<>(List.of("-Xmx128m", "-XX:MaxDirectMemorySize=64m"));

        private Optional<IntFunction<? extends NetworkLink>> links = Optional.empty();

        private Builder() {}

        /**
         * Puts a link between each broker and the controllers of the others, so that a broker can be held behind.
         *
         * @param maker creates a link to a port: {@code TcpProxy::start}
         * @return this
         */
        public Builder links(IntFunction<? extends NetworkLink> maker) {
            this.links = Optional.of(requireNonNull(maker, "maker"));
            return this;
        }

        /**
         * Adds options of the JVM of each broker.
         *
         * @param options as on the command line (default: small and soon started); a later option wins
         * @return this
         */
        public Builder jvmArguments(String... options) {
            jvmArguments.addAll(List.of(options));
            return this;
        }

        /**
         * Sets a setting of all brokers.
         *
         * @param name its name in {@code server.properties}
         * @param value its value
         * @return this
         */
        public Builder setting(String name, String value) {
            settings.put(requireNonNull(name, "name"), requireNonNull(value, "value"));
            return this;
        }

        /**
         * Makes the log directories and starts the brokers on them, all at the same time.
         *
         * @return the running cluster
         * @throws IllegalStateException if a broker does not start
         */
        public KafkaCluster start() {
            KafkaCluster cluster = new KafkaCluster(this);
            try {
                cluster.brokers.values().forEach(BrokerRuns::begin);
                cluster.brokers.values().forEach(BrokerRuns::awaitStarted);
            } catch (RuntimeException | Error e) {
                cluster.close();
                throw e;
            }
            return cluster;
        }
    }
}

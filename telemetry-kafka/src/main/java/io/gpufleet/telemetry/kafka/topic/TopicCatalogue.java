package io.gpufleet.telemetry.kafka.topic;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.kafka.internal.ClientFactory;
import io.gpufleet.telemetry.kafka.internal.ClientSecrets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/**
 * The topics of GPU telemetry: their partitions, retention, compression and keys, created where they are missing, and
 * compared with those of a cluster.
 *
 * <pre>{@code
 * TopicCatalogue catalogue = TopicCatalogue.builder("localhost:9092").only("gpu-metrics-raw", "gpu-alerts").build();
 * catalogue.install();
 * catalogue.differences().forEach(System.out::println);
 * // gpu-metrics-raw: retention.ms is 86400000, wanted 604800000
 * }</pre>
 *
 * <p>One partition is enough for 300 to 500 GPUs. Nothing that exists is changed. Each call has a client of its own,
 * and the cluster has 10 seconds for each answer. Immutable.
 */
public final class TopicCatalogue {

    /** The twelve topics, in the order in which a sample passes through them. */
    public static final List<Topic> TOPICS = List.of(
            topic("gpu-metrics-raw", 32, days(7), "snappy", "GPU UUID; of scrapes also the host"),
            topic("gpu-metrics-validated", 32, days(7), "snappy", "GPU UUID"),
            topic("gpu-metrics-enriched", 32, days(7), "snappy", "GPU UUID"),
            topic("gpu-metrics-1min", 16, days(30), "lz4", "GPU UUID|start of the window"),
            topic("gpu-metrics-15min", 8, days(90), "lz4", "GPU UUID|start of the window"),
            topic("gpu-metrics-invalid", 8, days(7), "", "that of the refused record"),
            topic("gpu-alerts", 8, days(90), "", "GPU UUID"),
            topic("gpu-critical", 4, days(365), "", "GPU UUID"),
            topic("gpu-health-scores", 16, days(30), "", "GPU UUID"),
            topic("gpu-failure-predictions", 8, days(90), "", "GPU UUID"),
            topic("gpu-assets", 16, Optional.empty(), "", "GPU UUID"),
            topic("gpu-events", 16, days(30), "", "GPU UUID, or the host of an event of all its GPUs"));

    /**
     * A topic of the catalogue. Immutable.
     *
     * @param name its name
     * @param partitions its number of partitions, 1 or more
     * @param retention how long records are kept; absent for a compacted topic, which keeps the last record of each key
     * @param compression the codec in which the broker stores records; absent for the codec of the producer
     * @param key the key of its records, in words
     */
    public record Topic(
            String name, int partitions, Optional<Duration> retention, Optional<String> compression, String key) {

        /**
         * Checks the components.
         *
         * @param name as the component
         * @param partitions as the component
         * @param retention as the component
         * @param compression as the component
         * @param key as the component
         */
        public Topic {
            Arguments.topic("name", name);
            requirePartitions(partitions);
            requireNonNull(retention, "retention");
            requireNonNull(compression, "compression");
            requireNonNull(key, "key");
        }

        /**
         * Returns the settings of the topic besides partitions and replicas.
         *
         * @return values by Kafka's names, sorted: {@code cleanup.policy}, {@code compression.type} and
         *     {@code retention.ms}, the last two only where they are set
         */
        public Map<String, String> settings() {
            Map<String, String> settings = new TreeMap<>();
            settings.put(
                    TopicConfig.CLEANUP_POLICY_CONFIG,
                    retention.isPresent() ? TopicConfig.CLEANUP_POLICY_DELETE : TopicConfig.CLEANUP_POLICY_COMPACT);
            retention.ifPresent(time -> settings.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(time.toMillis())));
            compression.ifPresent(codec -> settings.put(TopicConfig.COMPRESSION_TYPE_CONFIG, codec));
            return settings;
        }

        private Topic withPartitions(int count) {
            return new Topic(name, count, retention, compression, key);
        }
    }

    /**
     * A difference between the catalogue and a cluster. Immutable.
     *
     * @param topic the topic
     * @param property {@code topic}, {@code partitions}, {@code replicas}, or a setting of the topic by Kafka's name
     * @param wanted its value in the catalogue
     * @param found its value in the cluster; {@code missing} if the topic is
     */
    public record Difference(String topic, String property, String wanted, String found) {

        /**
         * Returns the difference in one line.
         *
         * @return for example {@code gpu-alerts: partitions is 4, wanted 8}
         */
        @Override
        public String toString() {
            return topic + ": " + property + " is " + found + ", wanted " + wanted;
        }
    }

    /** More replicas are of no use to telemetry, and fewer lose it. */
    private static final int MOST_REPLICAS = 3;

    private final String bootstrapServers;
    private final List<Topic> topics;
    private final Optional<Integer> replication;
    private final Map<String, ?> overrides;

    private TopicCatalogue(Builder builder) {
        this.bootstrapServers = builder.bootstrapServers;
        this.topics = List.copyOf(builder.topics.values());
        this.replication = Optional.ofNullable(builder.replication);
        this.overrides = builder.overrides;
    }

    private static Topic topic(
            String name, int partitions, Optional<Duration> retention, String compression, String key) {
        return new Topic(name, partitions, retention, Optional.of(compression).filter(text -> !text.isEmpty()), key);
    }

    private static Optional<Duration> days(int count) {
        return Optional.of(Duration.ofDays(count));
    }

    private static void requirePartitions(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("partitions: " + count + " is not 1 or more");
        }
    }

    /**
     * Returns a builder for all topics, with as many replicas as there are brokers, at most 3.
     *
     * @param bootstrapServers the bootstrap servers: {@code host:port}, separated by commas
     * @return a builder
     */
    public static Builder builder(String bootstrapServers) {
        return new Builder(bootstrapServers);
    }

    /**
     * Returns the topics of this catalogue.
     *
     * @return the topics in the order of {@link #TOPICS}
     */
    public List<Topic> topics() {
        return topics;
    }

    /**
     * Creates the topics that are missing, and changes none that exists. With n replicas, {@code min.insync.replicas}
     * is n - 1, at least 1. Safe when several services start at once.
     *
     * @return the names of the created topics
     * @throws TelemetryException if the cluster does not answer or refuses a topic; those before it are created
     */
    public List<String> install() {
        try (Admin admin = admin()) {
            int replicas = replicas(admin);
            return topics.stream()
                    .filter(topic -> installer(topic, replicas).install(admin))
                    .map(Topic::name)
                    .toList();
        }
    }

    private TopicInstaller.Builder installer(Topic topic, int replicas) {
        TopicInstaller.Builder installer = TopicInstaller.builder(bootstrapServers, topic.name())
                .partitions(topic.partitions())
                .replication(replicas);
        settings(topic, replicas).forEach(installer::setting);
        return installer;
    }

    /**
     * Compares the topics with those of the cluster. Needs the rights to describe topics and their settings.
     *
     * @return the differences in the order of the topics; none if the cluster is as the catalogue
     * @throws TelemetryException if the cluster does not answer or refuses to
     */
    public List<Difference> differences() {
        try (Admin admin = admin()) {
            int replicas = replicas(admin);
            Set<String> names = topics.stream().map(Topic::name).collect(Collectors.toSet());
            Map<String, Map<String, String>> found = new TopicProperties(admin, bootstrapServers).of(names);
            return topics.stream()
                    .flatMap(topic -> differences(topic, replicas, found.get(topic.name())))
                    .toList();
        }
    }

    private static Stream<Difference> differences(Topic topic, int replicas, @Nullable Map<String, String> found) {
        if (found == null) {
            return Stream.of(new Difference(topic.name(), "topic", "there", "missing"));
        }
        Map<String, String> wanted = new LinkedHashMap<>();
        wanted.put(TopicProperties.PARTITIONS, Integer.toString(topic.partitions()));
        wanted.put(TopicProperties.REPLICAS, Integer.toString(replicas));
        wanted.putAll(settings(topic, replicas));
        List<Difference> differences = new ArrayList<>();
        wanted.forEach((property, value) -> {
            String other = found.getOrDefault(property, "");
            if (!other.equals(value)) {
                differences.add(new Difference(topic.name(), property, value, other));
            }
        });
        return differences.stream();
    }

    private static Map<String, String> settings(Topic topic, int replicas) {
        Map<String, String> settings = new TreeMap<>(topic.settings());
        settings.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(Math.max(1, replicas - 1)));
        return settings;
    }

    private int replicas(Admin admin) {
        return replication.orElseGet(
                () -> Math.min(MOST_REPLICAS, new TopicProperties(admin, bootstrapServers).brokers()));
    }

    private Admin admin() {
        return ClientFactory.admin(bootstrapServers, TopicInstaller.Builder.bounded(overrides));
    }

    /** Builds a {@link TopicCatalogue}. Not thread-safe. */
    public static final class Builder {
        private final String bootstrapServers;
        private final Map<String, Topic> topics = new LinkedHashMap<>();
        private @Nullable Integer replication;
        private Map<String, ?> overrides = Map.of();

        private Builder(String bootstrapServers) {
            this.bootstrapServers = Arguments.text("bootstrapServers", bootstrapServers);
            TOPICS.forEach(topic -> topics.put(topic.name(), topic));
        }

        /**
         * Leaves out all other topics.
         *
         * @param names names of the catalogue, at least one (default: all)
         * @return this
         */
        public Builder only(String... names) {
            List<String> wanted = List.of(requireNonNull(names, "names"));
            if (wanted.isEmpty()) {
                throw new IllegalArgumentException("only: no topic is named; at least one is needed");
            }
            wanted.forEach(this::known);
            topics.keySet().retainAll(wanted);
            return this;
        }

        /**
         * Sets the number of partitions of a topic.
         *
         * @param name a name of the catalogue
         * @param count 1 or more (default: that of {@link #TOPICS})
         * @return this
         */
        public Builder partitions(String name, int count) {
            topics.put(name, known(requireNonNull(name, "name")).withPartitions(count));
            return this;
        }

        private Topic known(String name) {
            Topic topic = topics.get(name);
            if (topic == null) {
                throw new IllegalArgumentException("topic \"" + name + "\" is not in the catalogue; allowed: "
                        + String.join(", ", topics.keySet()));
            }
            return topic;
        }

        /**
         * Sets the number of replicas of every topic.
         *
         * @param replicas 1 or more (default: the number of brokers, at most 3)
         * @return this
         */
        public Builder replication(int replicas) {
            this.replication = TopicInstaller.Builder.requireReplicas(replicas);
            return this;
        }

        /**
         * Sets further settings of the Kafka client, such as security.
         *
         * @param clientSettings names as in Kafka's documentation
         * @return this
         */
        public Builder overrides(Map<String, ?> clientSettings) {
            this.overrides = ClientSecrets.wrapped(requireNonNull(clientSettings, "clientSettings"));
            return this;
        }

        /**
         * Builds the catalogue; asks nothing yet.
         *
         * @return an immutable catalogue
         */
        public TopicCatalogue build() {
            return new TopicCatalogue(this);
        }
    }
}

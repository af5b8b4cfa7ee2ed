package io.gpufleet.telemetry.jdbc.monitor;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TopicCluster;
import io.gpufleet.telemetry.TopicCluster.Topic;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.Pace;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import javax.sql.DataSource;

/**
 * The advisor on numbers of partitions, which measures the traffic of topics.
 *
 * <pre>{@code
 * PartitionAdvisor advisor = PartitionAdvisor.create(dataSource, cluster);
 * advisor.watch("client-heartbeats");
 * advisor.measure();
 * advisor.recommend().forEach(change -> System.out.println(change.topic() + ": " + change.reason()));
 * advisor.apply("client-heartbeats");
 * }</pre>
 *
 * <p>The topics are those of {@code kafka_topics}, and the advice comes from the function
 * {@code recommend_partition_changes()}: a topic needs more partitions if one of them has more than 10 records a second
 * or more than 2 consumers. Only {@link #apply} changes the cluster. Partitions can never be removed, and new records
 * of a key may lie in another partition than the earlier ones.
 *
 * <p>The role needs {@code SELECT, INSERT, UPDATE} on {@code kafka_topics} and {@code topic_partition_changes}.
 * Thread-safe but for {@link #measure}, which is for one thread at a time.
 */
public final class PartitionAdvisor {

    private final TopicTables tables;
    private final TopicCluster cluster;
    private final long sampleNanos;
    private final Pace pace;
    private final TopicRates rates = new TopicRates();

    private PartitionAdvisor(Builder builder) {
        this.tables = new TopicTables(builder.dataSource, builder.schema);
        this.cluster = builder.cluster;
        this.sampleNanos = builder.sampleFor.toNanos();
        this.pace = builder.pace;
    }

    /**
     * Returns an advisor with the defaults.
     *
     * @param dataSource the source of connections, usually a pool
     * @param cluster the cluster of the topics, which the caller closes
     * @return an advisor
     */
    public static PartitionAdvisor create(DataSource dataSource, TopicCluster cluster) {
        return builder(dataSource, cluster).build();
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param dataSource the source of connections, usually a pool
     * @param cluster the cluster of the topics, which the caller closes
     * @return a builder
     */
    public static Builder builder(DataSource dataSource, TopicCluster cluster) {
        return new Builder(dataSource, cluster);
    }

    /**
     * Adds topics to {@code kafka_topics}, with their current partitions. An existing row stays unchanged, even an
     * inactive one.
     *
     * @param topics their names
     * @throws IllegalArgumentException if a name is not allowed for topics
     * @throws TelemetryException if a topic does not exist, and none is added; or if the cluster or the database fails
     */
    public void watch(String... topics) {
        Set<String> names = new TreeSet<>(List.of(topics));
        names.forEach(PartitionAdvisor::check);
        Map<String, Topic> found = read(names);
        Set<String> missing = new TreeSet<>(names);
        missing.removeAll(found.keySet());
        if (!missing.isEmpty()) {
            throw new TelemetryException("Topics that do not exist cannot be watched: " + String.join(", ", missing));
        }
        tables.add(found);
    }

    private static void check(String topic) {
        Arguments.topic("topic", topic);
    }

    private Map<String, Topic> read(Set<String> names) {
        return names.isEmpty() ? Map.of() : cluster.read(names);
    }

    /**
     * Measures the active topics of {@code kafka_topics}, and stores their partitions and rates in it.
     *
     * <p>A rate covers the time since the last measurement. If there was none, if it is more recent than
     * {@link Builder#sampleFor}, or if the topic was recreated or has lost records since, the call takes as long as
     * {@link Builder#sampleFor} to sample the rate. A quiet hour gives a small rate, so measure under typical load.
     *
     * @return the measurements, by the names of the topics
     * @throws TelemetryException if the cluster or the database fails, or the thread is interrupted; nothing was stored
     *     then
     */
    public List<Measurement> measure() {
        SortedSet<String> names = tables.active();
        Map<String, Topic> topics = read(names);
        long nanos = pace.nanoTime();
        rates.begin(topics, nanos);
        long missing = rates.nanosUntilOld(sampleNanos, nanos);
        if (missing > 0) {
            if (!pace.pause(missing)) {
                throw new TelemetryException("Topics were not measured: interrupted");
            }
            topics = read(names);
            nanos = pace.nanoTime();
        }
        List<Measurement> measured = measurements(names, topics, rates.end(topics, nanos));
        tables.store(measured);
        return measured;
    }

    private static List<Measurement> measurements(
            SortedSet<String> names, Map<String, Topic> topics, Map<String, Double> rates) {
        return names.stream()
                .map(name -> {
                    Topic topic = topics.get(name);
                    Double rate = rates.get(name);
                    return new Measurement(
                            name,
                            topic == null ? OptionalInt.empty() : OptionalInt.of(topic.partitions()),
                            rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate));
                })
                .toList();
    }

    /**
     * Updates the open changes from {@code kafka_topics}, with {@code recommend_partition_changes()}.
     *
     * @return all open changes by the names of the topics, including those written by hand
     * @throws TelemetryException if the database fails
     */
    public List<Change> recommend() {
        return tables.recommend();
    }

    /**
     * Returns the commands that make the open changes by hand.
     *
     * @return lines for a shell, without {@code --bootstrap-server}; none if no change is open
     * @throws TelemetryException if the database fails
     */
    public List<String> script() {
        return tables.script();
    }

    /**
     * Gives a topic the partitions of its open change, unless it already has as many, and marks the change as applied.
     *
     * <p>If this fails after the cluster has made the change, the change stays open and may be applied again. It also
     * stays open if it asks for more partitions meanwhile.
     *
     * @param topic the topic's name
     * @return the change that was made
     * @throws IllegalStateException if the topic has no open change
     * @throws TelemetryException if the topic does not exist, or the cluster or the database fails
     */
    public Change apply(String topic) {
        requireNonNull(topic, "topic");
        Change change = tables.open(topic)
                .orElseThrow(() -> new IllegalStateException(
                        "topic: \"" + topic + "\" has no open change; recommend() returns those that are open"));
        cluster.raisePartitions(topic, change.recommendedPartitions());
        tables.markApplied(topic, change.recommendedPartitions());
        return change;
    }

    /**
     * The measurement of a topic. Immutable.
     *
     * @param topic its name
     * @param partitions the number of its partitions; absent if it does not exist
     * @param eventsPerSecond its new records a second; absent if it does not exist, was recreated or has lost records
     *     during the measurement
     */
    public record Measurement(String topic, OptionalInt partitions, OptionalDouble eventsPerSecond) {

        /**
         * Checks the components.
         *
         * @param topic as the component
         * @param partitions as the component
         * @param eventsPerSecond as the component
         */
        public Measurement {
            requireNonNull(topic, "topic");
            requireNonNull(partitions, "partitions");
            requireNonNull(eventsPerSecond, "eventsPerSecond");
        }
    }

    /**
     * An open change of {@code topic_partition_changes}. Immutable.
     *
     * @param topic the topic's name
     * @param currentPartitions the number of partitions at the time of the advice
     * @param recommendedPartitions the number that it should have
     * @param reason the reason
     * @param createdAt the time of the first advice
     */
    public record Change(
            String topic, int currentPartitions, int recommendedPartitions, String reason, Instant createdAt) {

        /**
         * Checks the components.
         *
         * @param topic as the component
         * @param currentPartitions as the component
         * @param recommendedPartitions as the component
         * @param reason as the component
         * @param createdAt as the component
         */
        public Change {
            requireNonNull(topic, "topic");
            requireNonNull(reason, "reason");
            requireNonNull(createdAt, "createdAt");
        }
    }

    /** Collects the options of a {@link PartitionAdvisor}. Not thread-safe. */
    public static final class Builder {
        private final DataSource dataSource;
        private final TopicCluster cluster;
        private Optional<String> schema = Optional.empty();
        private Duration sampleFor = Duration.ofSeconds(10);
        private Pace pace = Pace.ofSystem();

        private Builder(DataSource dataSource, TopicCluster cluster) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
            this.cluster = requireNonNull(cluster, "cluster");
        }

        /**
         * Sets the schema of the tables.
         *
         * @param schemaName its name (default: the connection's search path finds them)
         * @return this
         */
        public Builder schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Sets the shortest time over which a rate is measured.
         *
         * @param duration 1 ms or more (default: 10 s)
         * @return this
         */
        public Builder sampleFor(Duration duration) {
            this.sampleFor = TransactionTimeouts.check("sampleFor", duration);
            return this;
        }

        Builder pace(Pace other) {
            this.pace = other;
            return this;
        }

        /**
         * Builds the advisor. Nothing is read yet.
         *
         * @return an advisor
         */
        public PartitionAdvisor build() {
            return new PartitionAdvisor(this);
        }
    }
}

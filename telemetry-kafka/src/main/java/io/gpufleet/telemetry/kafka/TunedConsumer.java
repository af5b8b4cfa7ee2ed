package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.InvalidSettingsException;
import io.gpufleet.telemetry.config.SettingsSource;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.internal.Waits;
import io.gpufleet.telemetry.kafka.internal.ClientFactory;
import io.gpufleet.telemetry.kafka.internal.ClientSecrets;
import io.gpufleet.telemetry.kafka.internal.Reconnects;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A plain Kafka consumer with the settings of a service, for hosts that poll themselves.
 *
 * <pre>{@code
 * try (TunedConsumer<String, byte[]> consumer = TunedConsumer.builder(
 *                 new StringDeserializer(), new ByteArrayDeserializer(), loader, "my-service")
 *         .bootstrapServers("localhost:9092")
 *         .build()) {
 *     consumer.subscribe(List.of("device-events"));
 *     while (running) {
 *         process(consumer.poll(Duration.ofSeconds(1)));
 *         consumer.commitSync();
 *     }
 * }
 * }</pre>
 *
 * <p>A poll has a limit. Records that Kafka has handed out beyond it are held back for the next polls, in order: they
 * are never dropped, and never committed before they were returned. Only records of a revoked partition go to its next
 * owner. {@code max_poll_records} is read again with every poll and applies at once as far as it is smaller than at the
 * start; everything else applies from the start on. With {@code enable_auto_commit} a poll commits the records returned
 * by the polls before. A setting that the group refuses, such as a session timeout outside of the broker's limits,
 * makes the poll throw, in Kafka's words. Not thread-safe, but for {@link #wakeup()}.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class TunedConsumer<K, V> implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TunedConsumer.class);

    private final Consumer<K, V> client;
    private final SettingsReader reader;
    private final ConsumerSettings settings;
    private final PolledRecords<K, V> held = new PolledRecords<>();
    private final Map<TopicPartition, OffsetAndMetadata> returned = new HashMap<>();
    private int maxPollRecords;
    private long committedAtNanos = System.nanoTime();

    TunedConsumer(Consumer<K, V> client, SettingsReader reader, ConsumerSettings settings) {
        this.client = client;
        this.reader = reader;
        this.settings = settings;
        this.maxPollRecords = settings.maxPollRecords();
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param keys the deserializer of keys
     * @param values the deserializer of values
     * @param source the source of the settings, for example {@code ConsumerConfigLoader} of telemetry-jdbc
     * @param service the service
     * @param <K> the type of the keys
     * @param <V> the type of the values
     * @return a builder without servers
     */
    public static <K, V> Builder<K, V> builder(
            Deserializer<K> keys, Deserializer<V> values, SettingsSource source, String service) {
        return new Builder<>(keys, values, source, service);
    }

    /**
     * Subscribes to topics, in place of earlier ones.
     *
     * @param topics the topics
     */
    public void subscribe(Collection<String> topics) {
        topics.forEach(topic -> Arguments.topic("topics", topic));
        client.subscribe(topics, new Rebalances());
    }

    /**
     * Returns the next records, {@code max_poll_records} of them at most.
     *
     * @param timeout the longest wait for records, 0 or more
     * @return the records by partition in the order of their offsets, perhaps none
     */
    public List<ConsumerRecord<K, V>> poll(Duration timeout) {
        readLimit();
        return poll(timeout, maxPollRecords);
    }

    /** Reads the limit; unreadable or unusable settings, which the reader reports, leave it unchanged. */
    private void readLimit() {
        try {
            reader.read().ifPresent(now -> maxPollRecords = now.maxPollRecords());
        } catch (InvalidSettingsException e) {
            // Unchanged.
        }
    }

    /**
     * Returns the next records.
     *
     * @param timeout the longest wait for records, 0 or more; records held back are returned without waiting
     * @param maxRecords the most records to return, 1 or more
     * @return the records by partition in the order of their offsets, perhaps none
     */
    public List<ConsumerRecord<K, V>> poll(Duration timeout, int maxRecords) {
        if (maxRecords < 1) {
            throw new IllegalArgumentException("maxRecords: " + maxRecords + " is not 1 or more");
        }
        Duration limit = Waits.limit("timeout", timeout);
        commitAutomatically();
        if (held.isEmpty()) {
            held.add(client.poll(limit));
        } else {
            keepMembership();
        }
        List<ConsumerRecord<K, V>> records = held.take(maxRecords);
        records.forEach(record -> returned.put(
                new TopicPartition(record.topic(), record.partition()),
                new OffsetAndMetadata(record.offset() + 1, record.leaderEpoch(), "")));
        return records;
    }

    /** Polls without taking records, because some are held back. */
    private void keepMembership() {
        Set<TopicPartition> assigned = client.assignment();
        client.pause(assigned);
        try {
            held.add(client.poll(Duration.ZERO));
        } finally {
            client.resume(client.assignment());
        }
    }

    private void commitAutomatically() {
        long interval = settings.autoCommitInterval().toNanos();
        if (settings.enableAutoCommit() && !returned.isEmpty() && System.nanoTime() - committedAtNanos >= interval) {
            committedAtNanos = System.nanoTime();
            client.commitAsync(Map.copyOf(returned), (offsets, failure) -> {});
        }
    }

    /** Commits the returned records, and waits for the commit. */
    public void commitSync() {
        if (!returned.isEmpty()) {
            client.commitSync(Map.copyOf(returned));
            returned.clear();
        }
    }

    /**
     * Returns the number of records held back.
     *
     * @return 0 or more
     */
    public int heldBack() {
        return held.size();
    }

    /**
     * Returns the partitions that the group gave to this consumer.
     *
     * @return the partitions
     */
    public Set<TopicPartition> assignment() {
        return client.assignment();
    }

    /**
     * Returns the settings of the client.
     *
     * @return the settings
     */
    public ConsumerSettings settings() {
        return settings;
    }

    /**
     * Returns the client's own metrics.
     *
     * @return as Kafka names them
     */
    public Map<MetricName, ? extends Metric> metrics() {
        return client.metrics();
    }

    /** Ends a waiting poll, or the next one, with Kafka's WakeupException. May be called by any thread. */
    public void wakeup() {
        client.wakeup();
    }

    /** Commits the returned records if the settings say so, leaves the group and releases everything. */
    @Override
    public void close() {
        try {
            if (settings.enableAutoCommit()) {
                commitSync();
            }
        } finally {
            client.close(CloseOptions.timeout(Duration.ofSeconds(5)));
        }
    }

    /** Drops the records held back of revoked partitions: they belong to the next owner. */
    private final class Rebalances implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            forget(partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            Map<TopicPartition, OffsetAndMetadata> due = new HashMap<>(returned);
            due.keySet().retainAll(partitions);
            if (settings.enableAutoCommit() && !due.isEmpty()) {
                commitBeforeTheyGo(due);
            }
            forget(partitions);
        }

        /** Commits before partitions are revoked; uncommitted records are delivered again to the next owner. */
        private void commitBeforeTheyGo(Map<TopicPartition, OffsetAndMetadata> due) {
            try {
                client.commitSync(due);
            } catch (KafkaException e) {
                log.warn("Offsets of revoked partitions were not committed: {}", e.toString());
            }
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            forget(partitions);
        }

        private void forget(Collection<TopicPartition> partitions) {
            held.forget(partitions);
            returned.keySet().removeAll(partitions);
        }
    }

    /**
     * Builds a {@link TunedConsumer}. Not thread-safe.
     *
     * @param <K> the type of the keys
     * @param <V> the type of the values
     */
    public static final class Builder<K, V> {
        private final Deserializer<K> keys;
        private final Deserializer<V> values;
        private final SettingsSource source;
        private final String service;
        private Map<String, ?> overrides = Map.of();

        private Builder(Deserializer<K> keys, Deserializer<V> values, SettingsSource source, String service) {
            this.keys = requireNonNull(keys, "keys");
            this.values = requireNonNull(values, "values");
            this.source = requireNonNull(source, "source");
            this.service = Arguments.text("service", service);
        }

        /**
         * Sets the bootstrap servers.
         *
         * @param servers {@code host:port}, separated by commas
         * @return this
         */
        public Builder<K, V> bootstrapServers(String servers) {
            return overrides(
                    Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, Arguments.text("bootstrapServers", servers)));
        }

        /**
         * Sets further settings of the Kafka client, such as security. The service's settings win over them.
         *
         * @param more names as in Kafka's documentation
         * @return this
         */
        public Builder<K, V> overrides(Map<String, ?> more) {
            Map<String, Object> merged = new HashMap<>(overrides);
            merged.putAll(ClientSecrets.wrapped(requireNonNull(more, "more")));
            this.overrides = merged;
            return this;
        }

        /**
         * Builds the consumer.
         *
         * @return a consumer without a subscription, to be closed
         * @throws IllegalStateException if the servers are missing
         * @throws io.gpufleet.telemetry.TelemetryException if the settings cannot be read or name no usable group, or
         *     the client cannot be built; for other unusable settings the defaults apply
         */
        public TunedConsumer<K, V> build() {
            if (!overrides.containsKey(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG)) {
                throw new IllegalStateException("bootstrapServers: missing");
            }
            Map<ConsumerSetting, Object> own = SettingsProperties.fromKafka(overrides);
            ConsumerSettings settings = load(own);
            Map<String, Object> properties = new HashMap<>(overrides);
            properties.putIfAbsent(ConsumerConfig.CLIENT_ID_CONFIG, SettingsProperties.clientId(service));
            properties.putAll(SettingsProperties.toKafka(settings, SettingsProperties.usesConsumerProtocol(overrides)));
            properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
            Reconnects.addTo(properties);
            String servers = String.valueOf(properties.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG));
            Consumer<K, V> client = ClientFactory.client(servers, () -> new KafkaConsumer<>(properties, keys, values));
            return new TunedConsumer<>(client, new SettingsReader(source, service, own), settings);
        }

        private ConsumerSettings load(Map<ConsumerSetting, Object> own) {
            try {
                return source.load(service).orElse(own);
            } catch (InvalidSettingsException e) {
                ConsumerSettings usable = e.orElse(own).usable().orElseThrow(() -> e);
                log.error(
                        "Service {}: starts with the defaults in place of unusable settings: {}",
                        service,
                        e.getMessage());
                return usable;
            }
        }
    }
}

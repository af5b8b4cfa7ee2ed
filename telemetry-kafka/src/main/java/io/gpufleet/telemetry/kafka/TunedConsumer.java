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
 * <p>A poll takes a limit, and what Kafka has handed out beyond it is held back and comes with the next polls, in
 * order: it is never dropped, and never committed before it was returned. Only what belongs to a partition that is
 * taken away goes to the partition's next owner. {@code max_poll_records} is read again with every poll and applies at
 * once as far as it is smaller than at the start; everything else applies from the start on. With
 * {@code enable_auto_commit} a poll commits what the polls before it have returned. What the group refuses, for example
 * a session timeout outside of the broker's limits, is thrown by the poll, in Kafka's words. Not thread-safe, but for
 * {@link #wakeup()}.
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
     * Starts from the defaults.
     *
     * @param keys reads keys
     * @param values reads values
     * @param source where the settings come from, for example {@code ConsumerConfigLoader} of telemetry-jdbc
     * @param service whose settings
     * @param <K> the type of the keys
     * @param <V> the type of the values
     * @return a builder; the servers are missing
     */
    public static <K, V> Builder<K, V> builder(
            Deserializer<K> keys, Deserializer<V> values, SettingsSource source, String service) {
        return new Builder<>(keys, values, source, service);
    }

    /**
     * Subscribes to topics, instead of those before.
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
     * @param timeout how long to wait for some, 0 or more
     * @return the records by partition in the order of their offsets, perhaps none
     */
    public List<ConsumerRecord<K, V>> poll(Duration timeout) {
        readLimit();
        return poll(timeout, maxPollRecords);
    }

    /** Unreadable or unusable settings leave the limit as it is; the reader reports them. */
    private void readLimit() {
        try {
            reader.read().ifPresent(now -> maxPollRecords = now.maxPollRecords());
        } catch (InvalidSettingsException e) {
            // As it is.
        }
    }

    /**
     * Returns the next records.
     *
     * @param timeout how long to wait for some, 0 or more; what is held back is returned without waiting
     * @param maxRecords how many at most, 1 or more
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

    /** Polls without taking records, since some are held back. */
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

    /** Commits what was returned, and waits for it. */
    public void commitSync() {
        if (!returned.isEmpty()) {
            client.commitSync(Map.copyOf(returned));
            returned.clear();
        }
    }

    /**
     * Returns how many records are held back.
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
     * Returns the settings that the client was made with.
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

    /** Commits returned records if the settings demand it, leaves the group and releases everything. */
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

    /** Records held back of a revoked partition are its next owner's. */
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

        /** Uncommitted records are delivered again to the next owner. */
        private void commitBeforeTheyGo(Map<TopicPartition, OffsetAndMetadata> due) {
            try {
                client.commitSync(due);
            } catch (KafkaException e) {
                log.warn("Offsets of partitions that go away were not committed: {}", e.toString());
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
         * Sets the brokers to ask first.
         *
         * @param servers {@code host:port}, separated by commas
         * @return this
         */
        public Builder<K, V> bootstrapServers(String servers) {
            return overrides(
                    Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, Arguments.text("bootstrapServers", servers)));
        }

        /**
         * Sets further settings of the Kafka client, security among them. What can be set for the service is set by its
         * settings if they say anything about it.
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
         * @return a consumer that has no subscription yet; to be closed
         * @throws IllegalStateException if the servers are missing
         * @throws io.gpufleet.telemetry.TelemetryException if the settings cannot be read, name no group that can be
         *     used, or the client cannot be built; for other settings that cannot be used the defaults apply
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
                log.error("Service {}: starts with the defaults of what cannot be used: {}", service, e.getMessage());
                return usable;
            }
        }
    }
}

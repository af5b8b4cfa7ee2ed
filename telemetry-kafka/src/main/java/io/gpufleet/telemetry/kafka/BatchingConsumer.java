package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.DeadLetterSink;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.EventTime;
import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.SettingsSource;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.internal.RecordReader;
import io.gpufleet.telemetry.internal.Waits;
import io.gpufleet.telemetry.kafka.internal.ClientSecrets;
import io.gpufleet.telemetry.kafka.producer.DeadLetterTopic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.jspecify.annotations.Nullable;

/**
 * A consumer of Kafka topics in batches into a {@link Sink}: exactly once into a {@link TransactionalSink}, at least
 * once into any other.
 *
 * <pre>{@code
 * try (BatchingConsumer consumer = BatchingConsumer.builder(codec, sink)
 *         .bootstrapServers("localhost:9092")
 *         .topics("client-heartbeats")
 *         .groupId("heartbeat-consumer-group")
 *         .start()) {
 *     consumer.termination().join();
 * }
 * }</pre>
 *
 * <p>It starts the threads {@code telemetry-poll-<group>} (owns the Kafka consumer; not a daemon),
 * {@code telemetry-lane-<n>-<group>} (decode, validate, write), {@code telemetry-positions-<group>},
 * {@code telemetry-topics-<group>}, {@code telemetry-lag-<group>} and {@code telemetry-log-<group>} (logs changes of
 * health), with {@link Builder#settings} also {@code telemetry-settings-<service>}, and ends them in {@link #close()}
 * or at the first failure that retrying cannot mend. Thread-safe.
 */
public final class BatchingConsumer implements AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

    /** Less than the 30 seconds that orchestrators commonly grant. */
    private static final Duration SHUTDOWN_LIMIT = Duration.ofSeconds(20);

    private final RunningConsumer running;

    private BatchingConsumer(RunningConsumer running) {
        this.running = running;
    }

    /**
     * Returns a builder with the defaults; servers, topics and group have none.
     *
     * @param decoder the decoder of the records: a {@link io.gpufleet.telemetry.Codec} where a record holds one value
     * @param sink the destination of the batches
     * @param <T> the type of the values
     * @return a builder
     */
    public static <T> Builder<T> builder(Decoder<T> decoder, Sink<T> sink) {
        return new Builder<>(decoder, sink);
    }

    /**
     * Returns a future that completes when the consumer has ended: normally after {@link #close()}, exceptionally after
     * a failure. So a program whose {@code main} ends with {@code termination().join()} exits with a code other than 0
     * after a failure.
     *
     * @return a copy; completing it does nothing
     */
    public CompletableFuture<Void> termination() {
        return running.termination();
    }

    /**
     * Returns the consumer's health: UP, DOWN when the consumer has ended, and DEGRADED
     *
     * <ul>
     *   <li>until the group has assigned it partitions for the first time, perhaps none;
     *   <li>while the database or the cluster does not answer;
     *   <li>while a write takes more than 3 seconds, or waits more than one second for a connection;
     *   <li>while the group is full, or has not taken the consumer back for 3 seconds;
     *   <li>while a topic does not exist;
     *   <li>while lag or activity raises an alarm (see {@link AlarmPolicy});
     *   <li>while the settings cannot be read, used or taken.
     * </ul>
     *
     * @return the health at this moment, with its reasons
     */
    public Health health() {
        return running.health();
    }

    /**
     * Returns the consumer's progress.
     *
     * @return positions and lag of a few hundred milliseconds ago at most, and the buffered bytes
     */
    public ConsumerSnapshot snapshot() {
        return running.snapshot();
    }

    /**
     * Returns the present settings of the consumer, with the origin of each value.
     *
     * @return the settings, absent without {@link Builder#settings} and while it waits for them
     */
    public Optional<ConsumerSettings> settings() {
        return running.settings();
    }

    /** Closes within 30 seconds; see {@link #close(Duration)}. */
    @Override
    public void close() {
        close(CLOSE_LIMIT);
    }

    /**
     * Closes the consumer: stops polling, writes buffered records, commits, leaves the group, and ends its threads. A
     * second call waits for the same end.
     *
     * <p>On an interrupted thread it begins the close, within the same limit, but returns at once: the returned records
     * may still be written, and the thread stays interrupted. The sink is in use until {@link #termination()}
     * completes.
     *
     * @param limit the longest time for writing, 0 or more; the close ends about a second later at most, even if the
     *     store or the brokers hang
     * @return the number of polled records that were not written; they will be delivered again
     */
    public long close(Duration limit) {
        return running.close(Waits.limit("limit", limit));
    }

    /** Sets the consumer group. */
    @Override
    public String toString() {
        return "BatchingConsumer[" + running.groupId() + "]";
    }

    /**
     * Builds and starts a {@link BatchingConsumer}. Not thread-safe.
     *
     * @param <T> the type of the values
     */
    public static final class Builder<T> {
        private static final int MOST_LANES = 256;
        private static final Duration USUAL_MARGIN = Duration.ofHours(1);

        private final Decoder<T> decoder;
        private final Sink<T> sink;
        private final Map<String, Object> own = new HashMap<>();
        private Map<String, ?> overrides = Map.of();
        private Set<String> topics = Set.of();
        private @Nullable String groupId;
        private @Nullable String usualGroupId;
        private @Nullable BatchPolicy batching;
        private Predicate<Delivery<T>> filter = delivery -> true;
        private Validator<T> validator = Validator.acceptAll();
        private EventTime<T> eventTime = EventTime.recordTimestamp();
        private RetryPolicy retry = RetryPolicy.defaults();
        private FailurePolicy failurePolicy = FailurePolicy.defaults();
        private @Nullable ResetPolicy resetPolicy;
        private @Nullable SettingsSource settings;
        private String service = "";
        private AlarmPolicy alarms = AlarmPolicy.defaults();
        private boolean adoptGroupOffsets;
        private @Nullable ClusterMove clusterMove;
        private @Nullable DeadLetterSink deadLetters;
        private final List<TelemetryListener> listeners = new ArrayList<>();
        private @Nullable Duration shutdownLimit;
        private int concurrency = 1;
        private long bufferBytes = BufferBudget.usual(Runtime.getRuntime().maxMemory());

        private Builder(Decoder<T> decoder, Sink<T> sink) {
            this.decoder = requireNonNull(decoder, "decoder");
            this.sink = requireNonNull(sink, "sink");
        }

        /**
         * Sets the bootstrap servers.
         *
         * @param servers {@code host:port}, separated by commas
         * @return this
         */
        public Builder<T> bootstrapServers(String servers) {
            own.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, Arguments.text("bootstrapServers", servers));
            return this;
        }

        /**
         * Sets the topics.
         *
         * @param names at least one, each of 1 to 249 letters, digits, dots, underscores and hyphens
         * @return this
         */
        public Builder<T> topics(String... names) {
            Set<String> unique = new LinkedHashSet<>();
            for (String name : requireNonNull(names, "names")) {
                unique.add(Arguments.topic("topics", name));
            }
            if (unique.isEmpty()) {
                throw new IllegalArgumentException("topics: none given; at least one is needed");
            }
            this.topics = unique;
            return this;
        }

        /**
         * Sets the consumer group. The stored positions belong to it: under another name everything is applied again.
         *
         * @param name the group: 1 to 1,000 characters, not blank, without control characters
         * @return this
         */
        public Builder<T> groupId(String name) {
            this.groupId = Arguments.group("groupId", name);
            return this;
        }

        /** Sets the group that applies if neither the host nor the settings name one. */
        Builder<T> usualGroupId(String name) {
            this.usualGroupId = name;
            return this;
        }

        /**
         * Sets the client id, which brokers see.
         *
         * @param name the client (default: Kafka's, made of the group and a number)
         * @return this
         */
        public Builder<T> clientId(String name) {
            own.put(ConsumerConfig.CLIENT_ID_CONFIG, Arguments.text("clientId", name));
            return this;
        }

        /**
         * Sets the limits of a batch.
         *
         * @param policy the policy (default: 100 records, 4 MiB, 1 second)
         * @return this
         */
        public Builder<T> batching(BatchPolicy policy) {
            this.batching = requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets the filter of wanted values. The others are counted and skipped before validation, and the position
         * moves over them. A value for which the filter throws is dead-lettered.
         *
         * @param wanted true for a value that is to be written; thread-safe (default: all are)
         * @return this
         */
        public Builder<T> filter(Predicate<Delivery<T>> wanted) {
            this.filter = requireNonNull(wanted, "wanted");
            return this;
        }

        /**
         * Sets the validator; refused values become dead letters.
         *
         * @param rules the validator (default: accepts all)
         * @return this
         */
        public Builder<T> validator(Validator<T> rules) {
            this.validator = requireNonNull(rules, "rules");
            return this;
        }

        /**
         * Sets the extractor of the event time. A topic with {@code message.timestamp.type=LogAppendTime} needs it.
         *
         * @param extractor the extractor (default: the producer's timestamp of the record; a record with the broker's
         *     is dead-lettered)
         * @return this
         */
        public Builder<T> eventTime(EventTime<T> extractor) {
            this.eventTime = requireNonNull(extractor, "extractor");
            return this;
        }

        /**
         * Sets the waits between retries of a failed write.
         *
         * @param policy the policy (default: 100 ms doubled up to 5 s, with jitter)
         * @return this
         */
        public Builder<T> retry(RetryPolicy policy) {
            this.retry = requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets the limits at which the consumer stops.
         *
         * @param policy the policy (default: after 3 fatal attempts; when more than half of the records are dead
         *     letters)
         * @return this
         */
        public Builder<T> failurePolicy(FailurePolicy policy) {
            this.failurePolicy = requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets the start without a usable position.
         *
         * @param policy the policy (default: earliest)
         * @return this
         */
        public Builder<T> resetPolicy(ResetPolicy policy) {
            this.resetPolicy = requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Takes over from another consumer of the group, once: its committed offsets are the start of a topic for which
         * the store has no position. They are recorded as gaps with the reason {@code adopted}. Offsets that this SDK
         * has committed never count, so the call may stay in the code: after a failover to an older copy of the
         * database, records that this copy has lost are read again.
         *
         * <p>With a plain {@link Sink}, whose positions are the committed offsets, every partition is taken over whose
         * offset was committed by another program, even by a reset with Kafka's own tools.
         *
         * @return this
         */
        public Builder<T> adoptGroupOffsets() {
            this.adoptGroupOffsets = true;
            return this;
        }

        /**
         * Moves the group from another Kafka cluster to the one of {@link #bootstrapServers}, once, with a margin of an
         * hour; see {@link #moveCluster(String, Duration)}.
         *
         * @param fromClusterId the id of the cluster that the group leaves
         * @return this
         */
        public Builder<T> moveCluster(String fromClusterId) {
            return moveCluster(fromClusterId, USUAL_MARGIN);
        }

        /**
         * Moves the group from another Kafka cluster to the one of {@link #bootstrapServers}, once. Without it, stored
         * positions of another cluster are refused, since offsets mean nothing there. It counts only for positions of
         * the named cluster, so the call may stay in the code. The moves are recorded as gaps with the reason
         * {@code cluster_moved}.
         *
         * <p>Each partition begins at its first record that is not older than the newest one consumed in the other
         * cluster, less the margin; at the beginning where that is not known, as with a plain {@link Sink}. What was
         * consumed already within the margin is dropped as duplicates where a table has a key; a hook sees it again.
         *
         * @param fromClusterId the id of the cluster that the group leaves
         * @param margin how much older than the newest consumed record a record may be that is consumed next: the
         *     difference of the producers' clocks and the delay of the mirror; 0 or more
         * @return this
         */
        public Builder<T> moveCluster(String fromClusterId, Duration margin) {
            Duration counted = Waits.limit("margin", margin);
            this.clusterMove = new ClusterMove(Arguments.text("fromClusterId", fromClusterId), counted);
            return this;
        }

        /**
         * Sets the sink for the dead letters of a plain sink. A {@link TransactionalSink} takes them itself.
         *
         * @param target for example a {@link DeadLetterTopic}
         * @return this
         */
        public Builder<T> deadLetters(DeadLetterSink target) {
            this.deadLetters = requireNonNull(target, "target");
            return this;
        }

        /**
         * Drops the dead letters of a plain sink; they are only counted and reported to the listener.
         *
         * @return this
         */
        public Builder<T> discardDeadLetters() {
            return deadLetters(letters -> {});
        }

        /**
         * Adds a listener for every event.
         *
         * @param receiver a listener (default: none)
         * @return this
         */
        public Builder<T> listener(TelemetryListener receiver) {
            listeners.add(requireNonNull(receiver, "receiver"));
            return this;
        }

        /**
         * Sets the thresholds of the alarms about lag and activity.
         *
         * @param policy the policy (default: {@link AlarmPolicy#defaults()})
         * @return this
         */
        public Builder<T> alarms(AlarmPolicy policy) {
            this.alarms = requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets the source of a service's settings: they win over this builder, which wins over the defaults. The
         * consumer reads them again every second on the thread {@code telemetry-settings-<service>}, and takes changes
         * without losing or doubling a record: for batches at once, for the Kafka client with a new one; group,
         * assignment strategy and isolation level at the next start of the service.
         *
         * <p>The group comes from the settings if they name one. A source that does not answer is waited for, with
         * {@link BatchingConsumer#health()} DEGRADED, unless {@link #groupId} names the group: then the consumer starts
         * with the defaults.
         *
         * @param source for example {@code ConsumerConfigLoader} of telemetry-jdbc
         * @param serviceName the service, with whose name the client id begins
         * @return this
         */
        public Builder<T> settings(SettingsSource source, String serviceName) {
            this.settings = requireNonNull(source, "source");
            this.service = Arguments.text("serviceName", serviceName);
            return this;
        }

        /**
         * Sets the number of lanes, which is the number of batches that are written at once. A partition stays on one
         * lane.
         *
         * @param lanes 1 to 256 (default: 1); the connection pool needs two connections more
         * @return this
         */
        public Builder<T> concurrency(int lanes) {
            if (lanes < 1 || lanes > MOST_LANES) {
                throw new IllegalArgumentException("concurrency: " + lanes + " is not between 1 and " + MOST_LANES);
            }
            this.concurrency = lanes;
            return this;
        }

        /**
         * Sets the most bytes of polled records that are not durable yet: key, value and headers of each record, and
         * 200 for the objects that hold it and each header. Each lane has an equal share; only a single record that is
         * larger than a share is taken alone. A batch that fills half of a share is written.
         *
         * <p>The heap holds more than these bytes: the decoded values of a batch, and the records that Kafka's client
         * has fetched ahead ({@code fetch.max.bytes}).
         *
         * @param bytes 1 or more (default: 128 MiB, or an eighth of the largest heap of this JVM if that is less)
         * @return this
         */
        public Builder<T> bufferBytes(long bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("bufferBytes: " + bytes + " is not 1 or more");
            }
            this.bufferBytes = bytes;
            return this;
        }

        /**
         * Closes the consumer within 20 seconds when the JVM shuts down; see {@link #closeOnShutdown(Duration)}.
         *
         * @return this
         */
        public Builder<T> closeOnShutdown() {
            return closeOnShutdown(SHUTDOWN_LIMIT);
        }

        /**
         * Closes the consumer when the JVM shuts down, by SIGTERM, SIGINT or {@link System#exit}: buffered records are
         * written, and the group gives its partitions to others at once. Without it the partitions wait until the
         * session of the consumer has timed out. It is a shutdown hook, the thread {@code telemetry-shutdown-<group>},
         * and is gone when the consumer has ended. The JVM's exit code after a signal stays 128 and the signal's
         * number.
         *
         * @param limit the longest time for writing, 0 or more; the close ends a second later at most
         * @return this
         */
        public Builder<T> closeOnShutdown(Duration limit) {
            this.shutdownLimit = Waits.limit("limit", limit);
            return this;
        }

        /**
         * Sets further settings of the Kafka client, such as security. They win over the defaults.
         *
         * @param settings names as in Kafka's documentation; group.id, key.deserializer, value.deserializer,
         *     enable.auto.commit, auto.offset.reset and isolation.level are refused
         * @return this
         */
        public Builder<T> overrides(Map<String, ?> settings) {
            ClientProperties.check(requireNonNull(settings, "settings"));
            this.overrides = ClientSecrets.wrapped(settings);
            return this;
        }

        /**
         * Starts the consumer.
         *
         * <p>The start needs brokers and sink, and fails if one of them does not answer, so that a wrong address does
         * not look like an outage; the orchestrator then restarts the service. A running consumer waits for both for as
         * long as it takes. A consumer that waits for its settings starts by itself when settings, brokers and sink are
         * available.
         *
         * <p>Unusable settings of the service do not prevent the start: the defaults apply in their place, and
         * {@link BatchingConsumer#health()} is DEGRADED and names them.
         *
         * @return a running consumer, or one that waits for its settings
         * @throws IllegalStateException if a setting is missing, or a {@link DeadLetterTopic} cannot take the dead
         *     letters of a topic with a name of this length
         * @throws io.gpufleet.telemetry.config.InvalidSettingsException if the settings of the service name no usable
         *     group
         * @throws io.gpufleet.telemetry.TelemetryException if no broker answers, a topic cannot be used, or the sink
         *     cannot be opened; nothing runs then
         */
        public BatchingConsumer start() {
            if (topics.isEmpty()) {
                throw new IllegalStateException("topics: missing");
            }
            if (!overrides.containsKey(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG)) {
                required("bootstrapServers", own.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG));
            }
            Target<T> target = target();
            RunningConsumer running = settings == null ? startFixed(target) : startTuned(target, settings);
            if (shutdownLimit != null) {
                ShutdownHook.add(running, shutdownLimit);
            }
            return new BatchingConsumer(running);
        }

        private RunningConsumer startFixed(Target<T> target) {
            String group = required("groupId", groupId == null ? usualGroupId : groupId);
            ConsumerRuntime<T> runtime =
                    new ConsumerRuntime<>(options(target, group, rules().fixed(group)), cause -> {});
            runtime.start();
            return runtime;
        }

        private RunningConsumer startTuned(Target<T> target, SettingsSource source) {
            TuningRules rules = rules().withClientOf(service);
            TunedRuntime.Starting<T> starting = new TunedRuntime.Starting<>() {
                @Override
                public ConsumerOptions<T> options(ConsumerSettings known) {
                    return Builder.this.options(target, known.groupId(), tuning(known));
                }

                @Override
                public Tuning tuning(ConsumerSettings known) {
                    return rules.of(known);
                }
            };
            SettingsReader reader = new SettingsReader(source, service, rules.settings());
            TunedRuntime<T> tuned = new TunedRuntime<>(reader, starting, retry, new Events(listeners));
            tuned.start();
            return tuned;
        }

        private TuningRules rules() {
            return new TuningRules(
                    own,
                    overrides,
                    Optional.ofNullable(groupId),
                    Optional.ofNullable(batching),
                    Optional.ofNullable(resetPolicy));
        }

        private ConsumerOptions<T> options(Target<T> target, String group, Tuning tuning) {
            return new ConsumerOptions<>(
                    new CurrentTuning(tuning),
                    new ConsumerOptions.Subscription(
                            topics, group, adoptGroupOffsets, Optional.ofNullable(clusterMove)),
                    target,
                    new RecordReader<>(decoder, eventTime, filter, validator, target.isIdempotent()),
                    new ConsumerOptions.Policies(retry, failurePolicy, alarms),
                    new ConsumerOptions.Capacity(concurrency, bufferBytes),
                    listeners,
                    System::nanoTime);
        }

        private Target<T> target() {
            if (sink instanceof TransactionalSink<T> transactional) {
                if (deadLetters != null) {
                    throw new IllegalStateException("deadLetters: a transactional sink takes the dead letters itself");
                }
                return Target.transactional(transactional);
            }
            if (deadLetters == null) {
                throw new IllegalStateException("deadLetters: missing; a plain sink needs a place for the records that"
                        + " are refused, or discardDeadLetters()");
            }
            if (deadLetters instanceof DeadLetterTopic letters) {
                letters.requireNames(topics);
            }
            return Target.plain(sink, deadLetters);
        }

        private static <V> V required(String name, @Nullable V value) {
            if (value == null) {
                throw new IllegalStateException(name + ": missing");
            }
            return value;
        }
    }
}

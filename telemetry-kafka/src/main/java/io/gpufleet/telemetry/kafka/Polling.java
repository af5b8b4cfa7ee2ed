package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.kafka.internal.FailureText;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The polls of one Kafka client at a time. The client is replaced, once all of its records are written, when the
 * settings change, the wall clock was set back, a topic was recreated, or all brokers have other addresses than the
 * client knows; and at once when the group refuses it. If no client can be created, or the group is full, it retries.
 * Owned by the poll thread; {@link #progress}, {@link #trouble} and {@link #settings} are called by any.
 */
final class Polling<T> {
    /** The consumer, as seen by its polling. */
    interface Surroundings {
        /** Called when all Kafka clients are outdated: the wall clock was set back, or the brokers moved. */
        void clientsOutdated();

        /** Returns whether other clients get answers from the cluster. */
        default boolean clusterAnswers() {
            return true;
        }

        /** Returns whether other clients got answers to questions asked after a time, and still get them. */
        default boolean clusterAnswersSince(long nanos) {
            return clusterAnswers();
        }
    }

    private static final Logger log = LoggerFactory.getLogger(Polling.class);
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(5);
    private static final long LONG_OUTSIDE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final Duration LONG_UNCONNECTED = Duration.ofSeconds(2);
    private static final Duration REST_WITHOUT_CLIENT = Duration.ofMillis(100);

    private final ConsumerOptions<T> options;
    private final ConsumerParts<T> parts;
    private final KafkaClients clients;
    private final Surroundings surroundings;
    private final WallClock clock;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final ClientChoice choice;
    private final ReadTopics readTopics = new ReadTopics();
    private volatile PollLoop<T> loop;
    private boolean renewing;
    private boolean waitsForRoom;
    private int failures;
    private long nextTryNanos;
    private volatile @Nullable Trouble trouble;
    private volatile @Nullable Long outsideSinceNanos;
    private volatile boolean hasBegun;

    /**
     * Creates the first client.
     *
     * @param clients the factory of the clients
     * @param surroundings the consumer around the polling
     */
    Polling(ConsumerOptions<T> options, ConsumerParts<T> parts, KafkaClients clients, Surroundings surroundings) {
        this.options = options;
        this.parts = parts;
        this.surroundings = surroundings;
        this.clock = WallClock.ofClients(options.nanoTime());
        this.clients = clients;
        this.choice = new ClientChoice(options);
        this.loop = another();
        this.outsideSinceNanos = choice.sinceNanos();
    }

    private PollLoop<T> loop(ClientProperties with) {
        ClientCluster cluster = new ClientCluster();
        Consumer<byte[], byte[]> client = clients.consumer(with, cluster);
        return new PollLoop<>(
                new PollClient(client, cluster, () -> clients.closing(client)),
                parts,
                assignments -> new StalledPartitions(assignments, parts.events(), Advice.of(options), readTopics));
    }

    /** Creates another client; new settings that prevent it are given up, if a client can be created without them. */
    private PollLoop<T> another() {
        choice.begin();
        try {
            return loop(choice.used());
        } catch (TelemetryException e) {
            ClientChoice.Step step = choice.after(e).orElseThrow(() -> e);
            PollLoop<T> other = loop(step.used());
            choice.take(step, e);
            return other;
        }
    }

    void subscribe() {
        loop.subscribe(options.topics());
    }

    void runOnce() {
        if (loop.isClosed()) {
            tryAgain();
            return;
        }
        if (!poll()) {
            return;
        }
        renewAfterStepBack();
        renewIfStranded();
        loop.drain(renewing || loop.isOutdated() || choice.isOutdated());
        if (loop.isDrained()) {
            renewing = false;
            loop.close(LEAVE_LIMIT);
            takeClient();
        }
    }

    /** Polls once; returns false if the client was dropped. */
    private boolean poll() {
        try {
            loop.runOnce();
        } catch (KafkaException e) {
            pollFailed(e);
            return false;
        }
        Optional<ClientChoice.Step> late = choice.polled(loop.hasJoined(), surroundings.clusterAnswers());
        late.ifPresent(step -> goOnWith(step, new TelemetryException(step.trouble())));
        outsideSinceNanos = choice.hasJoined() ? null : choice.sinceNanos();
        if (choice.hasJoined()) {
            hasBegun = true;
            failures = 0;
            waitsForRoom = false;
            trouble = null;
        }
        return late.isEmpty();
    }

    private void pollFailed(KafkaException failure) {
        if (JoinRefusal.passes(failure)) {
            loop.close(LEAVE_LIMIT);
            waitsForRoom = true;
            waitBecause("the group does not admit this member yet", failure);
            return;
        }
        Optional<ClientChoice.Step> step =
                JoinRefusal.mayBeOfSettings(failure) ? choice.after(failure) : Optional.empty();
        if (step.isEmpty()) {
            throw JoinRefusal.inOneLine(failure, options.groupId(), choice.used());
        }
        goOnWith(step.get(), failure);
    }

    private void goOnWith(ClientChoice.Step step, RuntimeException failure) {
        choice.take(step, failure);
        loop.close(LEAVE_LIMIT);
        takeClient();
    }

    private void tryAgain() {
        if (options.nanoTime().getAsLong() - nextTryNanos >= 0) {
            takeClient();
        } else {
            LockSupport.parkNanos(REST_WITHOUT_CLIENT.toNanos());
        }
    }

    private void takeClient() {
        try {
            loop = another();
            trouble = waitsForRoom ? trouble : null;
            loop.subscribe(options.topics());
            parts.events().on(new TelemetryEvent.ClientReplaced(options.groupId()));
        } catch (TelemetryException e) {
            waitBecause("no Kafka client", e);
        }
    }

    private void waitBecause(String what, RuntimeException failure) {
        trouble = new Trouble(Concern.CLUSTER, what + ": " + FailureText.of(failure));
        failures++;
        Duration wait = options.retry().backoff(failures, random);
        nextTryNanos = options.nanoTime().getAsLong() + wait.toNanos();
    }

    private void renewAfterStepBack() {
        if (clock.wasSetBack()) {
            log.warn("Consumer of group {} takes another Kafka client: the clock was set back", options.groupId());
            renewing = true;
            surroundings.clientsOutdated();
        }
    }

    private void renewIfStranded() {
        boolean stranded = loop.isStranded(surroundings::clusterAnswersSince);
        if (stranded && !renewing) {
            log.warn(
                    "Consumer of group {} takes another Kafka client: this one reaches none of the addresses that"
                            + " the brokers had, and the cluster answers at {}",
                    options.groupId(),
                    options.clientProperties().bootstrapServers());
            renewing = true;
            surroundings.clientsOutdated();
        }
    }

    /** Commits the offsets written by the lanes, which have ended, and leaves the group. */
    void end(Duration limit) {
        loop.end(limit);
    }

    /** Closes without leaving a group that it has not joined. */
    void abandon() {
        loop.close(Duration.ZERO);
    }

    /** Returns the progress of the partitions a moment ago. */
    Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress() {
        return loop.progress();
    }

    /** Returns the partitions that stand still, with the reasons. */
    List<Trouble> stalls() {
        return loop.stalls();
    }

    /** Returns the reason why the consumer does not have its settings. */
    Optional<Trouble> trouble() {
        return Optional.ofNullable(trouble)
                .or(this::waitForTheGroup)
                .or(() -> choice.trouble().map(reason -> new Trouble(Concern.SETTINGS, reason)));
    }

    /**
     * Returns the trouble that no broker is reached: a client loses its connections long before a question is given up.
     */
    Optional<Trouble> unconnected() {
        Duration alone = loop.withoutConnection();
        return alone.compareTo(LONG_UNCONNECTED) < 0
                ? Optional.empty()
                : Optional.of(
                        new Trouble(Concern.CLUSTER, "no connection to any broker for " + alone.toSeconds() + " s"));
    }

    /**
     * Returns the trouble that the consumer has not begun: the group has never made an assignment, not even an empty
     * one.
     */
    Optional<Trouble> start() {
        return hasBegun ? Optional.empty() : outsideFor(-1);
    }

    /** Returns the trouble that a former member has no partitions; a few seconds without them need no attention. */
    private Optional<Trouble> waitForTheGroup() {
        return hasBegun ? outsideFor(LONG_OUTSIDE_NANOS) : Optional.empty();
    }

    /**
     * Returns the trouble of a client outside its group, which assigns partitions when each known member has rejoined,
     * or its session is over.
     */
    private Optional<Trouble> outsideFor(long moreThanNanos) {
        Long since = outsideSinceNanos;
        long nanos = since == null ? moreThanNanos : options.nanoTime().getAsLong() - since;
        return nanos <= moreThanNanos
                ? Optional.empty()
                : Optional.of(new Trouble(
                        Concern.START,
                        "the group has not assigned partitions " + soFar(TimeUnit.NANOSECONDS.toSeconds(nanos))
                                + ": its other members hear of this one with their next heartbeat, within "
                                + setting(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG)
                                + ", and one that has ended without leaving is waited for, at most "
                                + setting(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG)));
    }

    private static String soFar(long seconds) {
        return seconds < 1 ? "yet" : "for " + seconds + " s";
    }

    private String setting(String name) {
        Object value = choice.used().consumer().get(name);
        return name + (value == null ? "" : " (" + value + ")");
    }

    /** Returns the service's settings of the client; absent if there are none. */
    Optional<ConsumerSettings> settings() {
        return choice.used().settings();
    }
}

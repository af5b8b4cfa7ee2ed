package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls with one Kafka client at a time, and takes another when the settings are others, the wall clock was set back,
 * or a topic was made anew, once everything that the one before has handed out is written. Where none can be made, it
 * tries again. Owned by the poll thread; {@link #progress} and {@link #trouble} are called by any.
 */
final class Polling<T> {
    private static final Logger log = LoggerFactory.getLogger(BatchingConsumer.class);
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(5);
    private static final Duration REST_WITHOUT_CLIENT = Duration.ofMillis(100);

    private final ConsumerOptions<T> options;
    private final ConsumerParts<T> parts;
    private final KafkaClients clients;
    private final Runnable clockSetBack;
    private final WallClock clock;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final ReadTopics readTopics = new ReadTopics();
    private ClientProperties properties;
    private volatile PollLoop<T> loop;
    private boolean renewing;
    private int failures;
    private long nextTryNanos;
    private volatile @Nullable String trouble;

    /**
     * Makes the first client.
     *
     * @param clients makes the clients
     * @param clockSetBack is run when the wall clock was set back, by which every client of Kafka waits
     */
    Polling(ConsumerOptions<T> options, ConsumerParts<T> parts, KafkaClients clients, Runnable clockSetBack) {
        this.options = options;
        this.parts = parts;
        this.clockSetBack = clockSetBack;
        this.clock = WallClock.ofClients(options.nanoTime());
        this.clients = clients;
        this.properties = options.clientProperties();
        this.loop = loop(properties);
    }

    private PollLoop<T> loop(ClientProperties with) {
        Consumer<byte[], byte[]> client = clients.consumer(with);
        return new PollLoop<>(
                client,
                parts,
                () -> clients.closing(client),
                assignments -> new StalledPartitions(assignments, parts.events(), Advice.of(options), readTopics));
    }

    void subscribe() {
        loop.subscribe(options.topics());
    }

    void runOnce() {
        if (loop.isClosed()) {
            tryAgain();
            return;
        }
        loop.runOnce();
        renewAfterStepBack();
        loop.drain(renewing || loop.isOutdated() || options.clientProperties() != properties);
        if (loop.isDrained()) {
            renewing = false;
            loop.close(LEAVE_LIMIT);
            takeClient();
        }
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
            loop = replacement(options.clientProperties());
            failures = 0;
            loop.subscribe(options.topics());
            parts.events().on(new TelemetryEvent.ClientReplaced(options.groupId()));
        } catch (TelemetryException e) {
            trouble = "there is no Kafka client: " + e.getMessage();
            log.warn("The consumer of group {} has no Kafka client, and tries again", options.groupId(), e);
            Duration wait = options.retry().backoff(++failures, random);
            nextTryNanos = options.nanoTime().getAsLong() + wait.toNanos();
        }
    }

    private void renewAfterStepBack() {
        if (clock.wasSetBack()) {
            log.warn("The consumer of group {} takes another Kafka client: the clock was set back", options.groupId());
            renewing = true;
            clockSetBack.run();
        }
    }

    /** New settings that no client can be made with are refused, if one can be made as before. */
    private PollLoop<T> replacement(ClientProperties wanted) {
        try {
            PollLoop<T> replacement = loop(wanted);
            properties = wanted;
            trouble = null;
            return replacement;
        } catch (TelemetryException e) {
            if (wanted == properties) {
                throw e;
            }
            PollLoop<T> asBefore = loop(properties);
            trouble = "the settings were not taken: " + e.getMessage();
            log.error("The consumer of group {} goes on with its old settings", options.groupId(), e);
            options.tuning().refuse(wanted, properties);
            return asBefore;
        }
    }

    /** Commits what the lanes have written and leaves the group. */
    void close() {
        loop.close(LEAVE_LIMIT);
    }

    /** Closes without leaving a group that it has not joined. */
    void abandon() {
        loop.close(Duration.ZERO);
    }

    /** Returns where the partitions stood a moment ago. */
    Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress() {
        return loop.progress();
    }

    /** Says which partitions stand still, and why. */
    List<String> stalls() {
        return loop.stalls();
    }

    /** Says why the consumer does not have the settings that it should have. */
    Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }
}

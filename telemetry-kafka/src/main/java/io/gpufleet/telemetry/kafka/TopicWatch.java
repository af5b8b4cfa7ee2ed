package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.internal.StateLock;
import io.gpufleet.telemetry.kafka.internal.Answers;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import io.gpufleet.telemetry.kafka.internal.TopicFacts;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.jspecify.annotations.Nullable;

/**
 * The watch over the log behind a topic's name, because the client does not report the log of a record. It asks the
 * cluster when a lane waits, and otherwise now and then: a client that waits at the end of a log does not notice
 * another log of the same length. Between questions it pauses three times as long as the answer took, so that a slow
 * cluster is asked less; but not for long, because lanes wait meanwhile.
 *
 * <p>Runs on a thread of its own; {@link #idSince} is called by the lanes. Thread-safe.
 */
final class TopicWatch implements Runnable, TopicIds {

    /** A receiver of the watch's findings, on its thread. */
    interface Owner {
        void topicsSeen(Map<String, UUID> ids);

        void failed(Throwable cause);
    }

    private static final long IDLE_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long SHORTEST_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int REST_FACTOR = 3;
    private static final long LONGEST_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long REST_AFTER_FAILURE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final TopicAdmin admin;
    private final Set<String> topics;
    private final LongSupplier nanoTime;
    private final Owner owner;
    private final StateLock lock = new StateLock();
    private Map<String, UUID> ids = Map.of();
    private final Map<String, Long> askedAtNanos = new HashMap<>();
    private int waiting;
    private boolean closed;
    private volatile @Nullable Trouble trouble;
    private volatile @Nullable Long askingSinceNanos;

    TopicWatch(TopicAdmin admin, Set<String> topics, LongSupplier nanoTime, Owner owner) {
        this.admin = admin;
        this.topics = topics;
        this.nanoTime = nanoTime;
        this.owner = owner;
    }

    /**
     * Returns the id of a topic at some moment after the given time, absent if the topic did not exist; waits until
     * that is known.
     */
    @Override
    public Optional<UUID> idSince(String topic, long nanos) {
        lock.change(() -> waiting++);
        // Only close() ends this thread: an interrupt means nothing.
        lock.awaitUninterruptibly(() -> closed || isKnownSince(topic, nanos), StateLock.NO_LIMIT);
        return lock.get(() -> {
            waiting--;
            if (!isKnownSince(topic, nanos)) {
                throw new LaneAbortedException();
            }
            return Optional.ofNullable(ids.get(topic));
        });
    }

    private boolean isKnownSince(String topic, long nanos) {
        Long asked = askedAtNanos.get(topic);
        return asked != null && asked - nanos > 0;
    }

    /** Returns whether the cluster has answered a question asked after the given time. */
    boolean hasAnswerSince(long nanos) {
        return lock.get(() -> askedAtNanos.values().stream().anyMatch(asked -> asked - nanos > 0));
    }

    void close() {
        lock.change(() -> closed = true);
    }

    /** Returns the reason why topics cannot be consumed: the cluster does not answer, or a topic does not exist. */
    Optional<Trouble> trouble() {
        return Optional.ofNullable(trouble).or(this::silence);
    }

    /** Returns the trouble of brokers that do not answer, before the question is given up. */
    private Optional<Trouble> silence() {
        Long since = askingSinceNanos;
        long nanos = since == null ? 0 : nanoTime.getAsLong() - since;
        return nanos <= SILENCE_NANOS
                ? Optional.empty()
                : Optional.of(new Trouble(
                        Concern.CLUSTER,
                        "the brokers have not answered for " + TimeUnit.NANOSECONDS.toSeconds(nanos) + " s"));
    }

    @Override
    public void run() {
        try {
            while (!lock.get(() -> closed)) {
                lock.await(() -> closed, ask());
                lock.await(() -> closed || waiting > 0, IDLE_INTERVAL_NANOS);
            }
        } catch (Throwable e) {
            owner.failed(e);
        } finally {
            close();
        }
    }

    /** Asks the cluster, and returns the pause until the next question. */
    private long ask() {
        long asked = nanoTime.getAsLong();
        askingSinceNanos = asked;
        try {
            Answers<String, TopicFacts> answers = admin.describeEach(topics);
            learn(asked, answers);
            trouble = trouble(answers);
            if (answers.failures().size() == topics.size()) {
                return REST_AFTER_FAILURE_NANOS;
            }
            long rest = REST_FACTOR * (nanoTime.getAsLong() - asked);
            return Math.min(LONGEST_REST_NANOS, Math.max(SHORTEST_REST_NANOS, rest));
        } catch (RuntimeException e) {
            trouble = new Trouble(Concern.CLUSTER, String.valueOf(e.getMessage()));
            return REST_AFTER_FAILURE_NANOS;
        } finally {
            askingSinceNanos = null;
        }
    }

    private @Nullable Trouble trouble(Answers<String, TopicFacts> answers) {
        for (TopicAdmin.ClusterException failure : answers.failures().values()) {
            Concern concern = TopicAdmin.isRetriable(failure) ? Concern.CLUSTER : Concern.TOPIC;
            return new Trouble(concern, String.valueOf(failure.getMessage()));
        }
        return topics.stream()
                .filter(topic -> !answers.known().containsKey(topic))
                .findFirst()
                .map(topic -> new Trouble(Concern.TOPIC, topic, "topic " + topic + " does not exist"))
                .orElse(null);
    }

    /**
     * Takes the answers. A topic without an answer stays unknown, and its lanes wait. A refused topic counts as
     * deleted: a lane that waited for the right would hold up the partitions of other topics.
     */
    private void learn(long asked, Answers<String, TopicFacts> answers) {
        Map<String, UUID> seen = new HashMap<>();
        answers.known().forEach((topic, fact) -> seen.put(topic, fact.id()));
        lock.change(() -> {
            for (String topic : topics) {
                TopicAdmin.ClusterException failure = answers.failures().get(topic);
                if (failure == null || failure.getCause() instanceof TopicAuthorizationException) {
                    askedAtNanos.put(topic, asked);
                } else if (ids.containsKey(topic)) {
                    seen.put(topic, requireNonNull(ids.get(topic)));
                }
            }
            ids = seen;
        });
        if (answers.failures().isEmpty() || !answers.known().isEmpty()) {
            owner.topicsSeen(seen);
        }
    }
}

package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.OwnThread;
import io.gpufleet.telemetry.internal.StateLock;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The answers to the poll thread's questions for positions, found off the poll thread, with retries for as long as the
 * database or the cluster does not answer.
 *
 * <p>Runs on a thread of its own; {@link #request} and {@link #forget} are called by the poll thread. Thread-safe.
 */
final class PositionKeeper implements Runnable {

    /** A receiver of the answers, on the keeper's thread. */
    interface Owner {
        void resolved(PositionRequest request, Position position);

        /** Reports partitions whose stored positions were moved by another client. */
        void moved(List<RestingPosition> positions);

        void failed(Throwable cause);
    }

    private static final String UNKNOWN = "positions are unknown: ";
    private static final Duration LONG_WAIT = Duration.ofSeconds(1);

    private final PositionResolver resolver;
    private final RetryPolicy retry;
    private final FailurePolicy failure;
    private final Owner owner;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final StateLock lock = new StateLock();
    private final Map<SourcePartition, PositionRequest> requests = new LinkedHashMap<>();
    private List<RestingPosition> resting = List.of();
    private boolean arrived;
    private boolean closed;
    private int failures;
    private int fatalFailures;
    private volatile @Nullable Trouble trouble;
    private volatile @Nullable Trouble comparisonTrouble;
    private volatile @Nullable Thread thread;

    PositionKeeper(PositionResolver resolver, ConsumerOptions<?> options, Owner owner) {
        this.resolver = resolver;
        this.retry = options.retry();
        this.failure = options.failurePolicy();
        this.owner = owner;
    }

    /** Requests positions; a newer request for a partition replaces an older one. */
    void request(Collection<PositionRequest> more) {
        lock.change(() -> {
            more.forEach(request -> requests.put(request.partition(), request));
            arrived = true;
        });
    }

    /**
     * Requests a comparison with the store, which shows moves by another client; a newer request replaces an older one.
     */
    void compare(List<RestingPosition> positions) {
        lock.change(() -> {
            resting = positions;
            comparisonTrouble = positions.isEmpty() ? null : comparisonTrouble;
        });
    }

    /** Drops the requests of revoked partitions. */
    void forget(Collection<SourcePartition> partitions) {
        lock.change(() -> requests.keySet().removeAll(partitions));
    }

    void close() {
        lock.change(() -> closed = true);
    }

    /** Returns the reason why positions are unknown, if there is one. */
    Optional<Trouble> trouble() {
        return Optional.ofNullable(trouble)
                .or(() -> Optional.ofNullable(comparisonTrouble))
                .or(() -> OwnThread.waitOf(thread, LONG_WAIT)
                        .map(what -> new Trouble(Concern.STORE, "reading the stored positions waits for " + what)));
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        try {
            while (awaitWork()) {
                runOnce();
            }
        } catch (Throwable e) {
            owner.failed(e);
        }
    }

    /** Waits for something to do; false when the keeper was closed. */
    private boolean awaitWork() throws InterruptedException {
        if (!lock.get(this::hasWork)) {
            trouble = null;
        }
        lock.await(() -> closed || hasWork(), StateLock.NO_LIMIT);
        return !lock.get(() -> closed);
    }

    private boolean hasWork() {
        return !requests.isEmpty() || !resting.isEmpty();
    }

    /** Compares before it resolves: a partition without an answer must not hide others that were moved. */
    private void runOnce() throws InterruptedException {
        compareNow();
        List<PositionRequest> open = openRequests();
        Duration rest = open.isEmpty() ? Duration.ZERO : resolve(open);
        // Only a pool or a sink of the host interrupts this thread.
        OwnThread.forgetInterrupt(false);
        rest(rest);
    }

    private List<PositionRequest> openRequests() {
        return lock.get(() -> {
            arrived = false;
            return new ArrayList<>(requests.values());
        });
    }

    /** Looks once: a failed question is repeated by itself, and never ends the consumer. */
    private void compareNow() {
        List<RestingPosition> compared = takeResting();
        if (compared.isEmpty()) {
            return;
        }
        try {
            List<RestingPosition> moved = resolver.moved(compared);
            comparisonTrouble = null;
            if (!moved.isEmpty()) {
                owner.moved(moved);
            }
        } catch (RuntimeException e) {
            comparisonTrouble = trouble("stored positions cannot be read: ", e);
        }
    }

    private List<RestingPosition> takeResting() {
        return lock.get(() -> {
            List<RestingPosition> taken = resting;
            resting = List.of();
            return taken;
        });
    }

    /** Answers the requests that it can, and returns the pause before the next try. */
    private Duration resolve(List<PositionRequest> open) {
        try {
            Resolution resolution = resolver.resolve(open);
            Map<SourcePartition, Position> positions = resolution.positions();
            fatalFailures = 0;
            List<PositionRequest> answered = open.stream()
                    .filter(request -> positions.containsKey(request.partition()))
                    .toList();
            remove(answered);
            answered.forEach(request -> {
                Position position = positions.get(request.partition());
                if (position != null) {
                    owner.resolved(request, position);
                }
            });
            failures = answered.isEmpty() ? failures : 0;
            boolean complete = answered.size() == open.size();
            trouble = complete ? null : unknown(resolution);
            return complete ? Duration.ZERO : retry.backoff(++failures, random);
        } catch (TopicAdmin.ClusterException | SinkException e) {
            return afterFailure(e);
        }
    }

    private static Trouble unknown(Resolution resolution) {
        return resolution.reasons().isEmpty()
                ? new Trouble(Concern.TOPIC, UNKNOWN + "a topic does not exist or is changing")
                : new Trouble(Concern.PARTITION, UNKNOWN + AbbreviatedList.of(resolution.reasons()));
    }

    private Duration afterFailure(RuntimeException e) {
        boolean isTransient =
                e instanceof SinkException sinkFailure ? sinkFailure.kind().isTransient() : TopicAdmin.isRetriable(e);
        if (!isTransient && ++fatalFailures >= failure.fatalAttempts()) {
            throw e;
        }
        trouble = trouble(UNKNOWN, e);
        return retry.backoff(++failures, random);
    }

    private static Trouble trouble(String what, RuntimeException e) {
        Concern concern = e instanceof TopicAdmin.ClusterException ? Concern.CLUSTER : Concern.STORE;
        return new Trouble(concern, what + HostFault.words(e));
    }

    private void remove(List<PositionRequest> answered) {
        lock.change(() -> answered.forEach(request -> requests.remove(request.partition(), request)));
    }

    /** Pauses between two tries, unless there is an untried question. */
    private void rest(Duration duration) throws InterruptedException {
        lock.await(() -> closed || arrived, duration.toNanos());
    }
}

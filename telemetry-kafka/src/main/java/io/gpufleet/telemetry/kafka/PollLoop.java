package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.SourcePartition;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/**
 * The polls of one Kafka client: passes records to the lanes, and never waits for a database. Other threads send their
 * messages through the mailbox. Owned by the poll thread, which owns the client.
 */
final class PollLoop<T> implements Assignments.Owner {
    private static final Duration POLL_LIMIT = Duration.ofMillis(100);
    private static final Duration COMMIT_LIMIT = Duration.ofSeconds(2);
    private static final long COMPARISON_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long PROGRESS_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final PollClient client;
    private final Consumer<byte[], byte[]> consumer;
    private final ConsumerParts<T> parts;
    private final OffsetCommits commits;
    private final Assignments assignments;
    private final Intake<T> intake;
    private final StalledPartitions stalled;
    private final ConnectionWatch connection;
    private volatile Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress = Map.of();
    private long progressAtNanos;
    private long comparedAtNanos;
    private boolean draining;
    private boolean closed;
    private boolean lanesHaveEnded;
    private boolean outdated;

    PollLoop(PollClient client, ConsumerParts<T> parts, Function<Assignments, StalledPartitions> stalls) {
        this.client = client;
        this.consumer = client.consumer();
        this.parts = parts;
        this.connection = new ConnectionWatch(consumer, parts.nanoTime());
        this.commits = new OffsetCommits(consumer, parts.nanoTime().getAsLong());
        this.assignments =
                new Assignments(consumer, commits, parts.events(), parts.lanes().size(), this);
        this.stalled = stalls.apply(assignments);
        this.intake = new Intake<>(consumer, assignments, parts.lanes(), parts.budget(), parts.events());
    }

    void subscribe(Collection<String> topics) {
        consumer.subscribe(topics, assignments);
    }

    void runOnce() {
        parts.mailbox().deliverTo(assignments);
        assignments.require(client.cluster());
        stalled.tryAgain(parts.nanoTime().getAsLong());
        List<TopicPartition> opened = assignments.adjustPauses(lane -> draining || intake.isClosed(lane));
        stalled.opened(opened, parts.nanoTime().getAsLong());
        ConsumerRecords<byte[], byte[]> polled = poll();
        assignments.require(client.cluster());
        intake.accept(polled, parts.nanoTime().getAsLong());
        long now = parts.nanoTime().getAsLong();
        commits.commitNow(now);
        publishProgress(now);
        compareResting(now);
    }

    /** Polls; a failure of partitions concerns these alone, any other one is thrown. */
    private ConsumerRecords<byte[], byte[]> poll() {
        try {
            ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL_LIMIT);
            stalled.polled(polled);
            return polled;
        } catch (LogTruncationException e) {
            assignments.restart(e.partitions(), e.divergentOffsets());
        } catch (InvalidOffsetException e) {
            assignments.restart(e.partitions(), Map.of());
        } catch (RuntimeException e) {
            stalled.failed(e, parts.nanoTime().getAsLong());
        }
        return ConsumerRecords.empty();
    }

    /** Returns the partitions that stand still. Called by any thread. */
    List<Trouble> stalls() {
        return stalled.troubles();
    }

    /**
     * Starts or stops draining, in which no more records are handed out, the lanes write theirs, and the membership is
     * kept.
     */
    void drain(boolean wanted) {
        draining = wanted;
        if (draining) {
            parts.lanes().forEach(Lane::flush);
        }
    }

    /** Returns whether a topic was recreated, so that the client's metadata may be outdated. */
    boolean isOutdated() {
        return outdated;
    }

    /** Returns whether the client has reached no broker for a long time, although others do. Called after each poll. */
    boolean isStranded(LongPredicate clusterAnswers) {
        return connection.polled(clusterAnswers);
    }

    /** Returns the time for which the client had no connection to any broker. Called by any thread. */
    Duration withoutConnection() {
        return connection.withoutConnection();
    }

    /** Returns whether the client is a member of the group. */
    boolean hasJoined() {
        return consumer.groupMetadata().generationId() > 0;
    }

    /** Returns whether the loop is draining, and all polled records are written or dropped. */
    boolean isDrained() {
        return draining && parts.budget().records() == 0;
    }

    /**
     * Compares the resting positions with the store: a partition without new records is not written, so nothing else
     * would show a move.
     */
    private void compareResting(long nowNanos) {
        if (nowNanos - comparedAtNanos >= COMPARISON_INTERVAL_NANOS) {
            comparedAtNanos = nowNanos;
            parts.keeper().compare(assignments.resting());
        }
    }

    private void publishProgress(long nowNanos) {
        if (nowNanos - progressAtNanos >= PROGRESS_INTERVAL_NANOS) {
            progressAtNanos = nowNanos;
            progress = assignments.progress();
        }
    }

    /** Returns the progress of the partitions a moment ago. Called by any thread. */
    Map<SourcePartition, ConsumerSnapshot.PartitionProgress> progress() {
        return progress;
    }

    @Override
    public void ask(List<PositionRequest> requests) {
        parts.keeper().request(requests);
    }

    @Override
    public void forget(Set<SourcePartition> partitions) {
        parts.keeper().forget(partitions);
    }

    @Override
    public void logReplaced() {
        outdated = true;
    }

    @Override
    public void settle(Set<SourcePartition> partitions, Duration limit) {
        long deadline = System.nanoTime() + (lanesHaveEnded ? 0 : limit.toNanos());
        try {
            for (Lane<T> lane : parts.lanes()) {
                lane.gate().awaitIdle(partitions, Duration.ofNanos(deadline - System.nanoTime()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException(e);
        }
        parts.mailbox().deliverTo(assignments);
    }

    boolean isClosed() {
        return closed;
    }

    /** Closes the client after the lanes have ended or were given up, without waiting for a transaction. */
    void end(Duration limit) {
        lanesHaveEnded = true;
        close(limit.dividedBy(2), limit.dividedBy(2));
    }

    /** Commits the written offsets and leaves the group; does nothing once closed. */
    void close(Duration limit) {
        close(COMMIT_LIMIT, limit);
    }

    private void close(Duration commitLimit, Duration leaveLimit) {
        if (closed) {
            return;
        }
        closed = true;
        parts.mailbox().deliverTo(assignments);
        commits.commitAndWait(commitLimit);
        if (lanesHaveEnded) {
            commits.forgetAll();
        }
        client.closing().run();
        consumer.close(CloseOptions.timeout(leaveLimit));
        assignments.abandon();
    }
}

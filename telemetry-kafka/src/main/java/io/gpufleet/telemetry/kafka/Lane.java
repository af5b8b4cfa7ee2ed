package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.OwnThread;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A worker that decodes, validates, batches and writes the records of its partitions, on a thread of its own. A
 * partition stays on one lane, so its order is kept.
 *
 * <p>Fed by the poll thread through {@link #offer}; everything else belongs to the lane's thread.
 */
final class Lane<T> implements Runnable, BatchWriter.Host {

    /** The consumer, as seen by its lane. All methods are called by the lane's thread. */
    interface Owner {
        void durable(List<WrittenRange> ranges);

        void restart(List<Generation> generations);

        void failed(Throwable cause);
    }

    private static final long SLOW_WRITE_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** Longer than a large enough pool takes for a connection. */
    private static final Duration LONG_WAIT = Duration.ofSeconds(1);

    private final int number;
    private final Owner owner;
    private final TopicIds topicIds;
    private final Events events;
    private final BufferBudget budget;
    private final LongSupplier nanoTime;
    private final DeadLetterWindow window;
    private final Supplier<Duration> linger;
    private final LaneGate gate = new LaneGate();
    private final Batcher<T> batcher;
    private final BatchWriter<T> writer;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Chunk> inbox = new ArrayDeque<>();
    private boolean flushing;
    private boolean draining;
    private volatile boolean aborted;
    private volatile boolean retrying;
    private volatile @Nullable String failed;
    private volatile boolean writing;
    private volatile long writingSinceNanos;
    private volatile @Nullable Thread thread;

    Lane(int number, ConsumerOptions<T> options, LaneContext<T> context) {
        this.number = number;
        this.owner = context.owner();
        this.topicIds = context.topicIds();
        this.events = context.events();
        this.budget = context.budget();
        this.nanoTime = options.nanoTime();
        this.window = context.window();
        this.linger = () -> options.batching().linger();
        this.batcher = new Batcher<>(
                options.reader(),
                () -> BatchLimits.within(options.batching(), budget.share()),
                this::write,
                this::release);
        this.writer = new BatchWriter<>(options, context, gate, this);
    }

    /** Takes a chunk. Called by the poll thread. */
    void offer(Chunk chunk) {
        lock.lock();
        try {
            inbox.add(chunk);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Tells the lane to write its records, without linger. Called by any thread. */
    void flush() {
        lock.lock();
        try {
            flushing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Tells the lane to write its records, without linger, and to end. */
    void drain() {
        lock.lock();
        try {
            draining = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Tells the lane to end without further writes. */
    void abort() {
        aborted = true;
        drain();
    }

    LaneGate gate() {
        return gate;
    }

    /** Returns whether the lane waits to retry a failed write. */
    boolean isRetrying() {
        return retrying;
    }

    /** Returns the obstacle to the lane's writes: a failure, or a store that does not answer. */
    Optional<Trouble> trouble() {
        return Optional.ofNullable(failed).or(this::slowWrite).map(words -> new Trouble(Concern.STORE, words));
    }

    private Optional<String> slowWrite() {
        if (!writing) {
            return Optional.empty();
        }
        long nanos = nanoTime.getAsLong() - writingSinceNanos;
        Optional<String> end = OwnThread.waitOf(thread, LONG_WAIT).map(what -> "waits for " + what);
        return end.or(() -> Optional.of("is not done").filter(words -> nanos > SLOW_WRITE_NANOS))
                .map(words -> "writing a batch has taken " + TimeUnit.NANOSECONDS.toSeconds(nanos) + " s so far, and "
                        + words);
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        try {
            while (runOnce()) {}
        } catch (LaneAbortedException e) {
            // Usually the consumer has stopped, and counts the remaining records.
            if (!aborted) {
                owner.failed(
                        new TelemetryException("Lane " + number + " ended: the thread that watches its topics has"));
            }
        } catch (Throwable e) {
            owner.failed(e);
        }
    }

    /** Appends a chunk, or writes a batch that is due, or waits for either; returns false at the end of a drain. */
    private boolean runOnce() {
        Chunk chunk = take();
        if (chunk != null) {
            batcher.append(chunk);
            return true;
        }
        boolean more = !batcher.isEmpty();
        batcher.flush();
        return more && (batcher.isEmpty() || !isDraining());
    }

    /**
     * Returns whether the lane is draining: then no more records arrive to decide about a batch, which is delivered
     * again.
     */
    private boolean isDraining() {
        lock.lock();
        try {
            return draining;
        } finally {
            lock.unlock();
        }
    }

    /** Returns the next chunk; null when the pending batch is due or, while draining, when there is none. */
    private @Nullable Chunk take() {
        lock.lock();
        try {
            while (true) {
                if (aborted) {
                    throw new LaneAbortedException();
                }
                Chunk chunk = inbox.poll();
                flushing &= chunk != null || !batcher.isEmpty();
                long wait = batcher.nanosUntilDue(nanoTime.getAsLong());
                if (chunk != null || draining || flushing || wait <= 0) {
                    return chunk;
                }
                await(wait);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a change, and returns the rest of the wait. The SDK interrupts a lane only after an abort; any other
     * interrupt comes from the host's code, and is cleared.
     */
    @SuppressWarnings("WaitNotInLoop") // its callers wait in loops
    private long await(long nanos) {
        try {
            return changed.awaitNanos(nanos);
        } catch (InterruptedException e) {
            return nanos;
        }
    }

    /** Writes a batch; returns false if it stays with the batcher. */
    private boolean write(PendingBatch<T> batch) {
        OwnThread.forgetInterrupt(aborted);
        if (isHeldBack(batch)) {
            return false;
        }
        endReplacedLogs(batch);
        writingSinceNanos = nanoTime.getAsLong();
        writing = true;
        boolean taken;
        try {
            taken = writer.write(batch);
        } finally {
            release(batch.takeWritten(), 0);
        }
        writing = false;
        if (!taken) {
            return false;
        }
        if (batch.tombstones() > 0) {
            events.on(new TelemetryEvent.TombstonesSkipped(batch.tombstones()));
        }
        if (batch.filtered() > 0) {
            events.on(new TelemetryEvent.ValuesFiltered(batch.filtered()));
        }
        release(batch.unreleased(), batch.held());
        return true;
    }

    /**
     * Returns whether a batch is held back: dead letters too few to judge the topic by wait for more records, because
     * each start would otherwise dead-letter as many again. If none arrives within a linger, the batch is written; at
     * the end it is delivered again.
     */
    private boolean isHeldBack(PendingBatch<T> batch) {
        if (!window.isOpen(batch.judgement().records(), batch.judgement().refusedRecords())) {
            return false;
        }
        rest(linger.get(), () -> !inbox.isEmpty() || draining || flushing);
        lock.lock();
        try {
            return draining || !inbox.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the generations whose log was replaced. A recreated topic continues under its name, perhaps at the same
     * offset. So a batch is written only after the topic was seen with the id of its generation, later than the poll,
     * by a broker that knew no less than the one that served the records. They are of no earlier log either: no broker
     * served one any more when the generation began.
     */
    private void endReplacedLogs(PendingBatch<T> batch) {
        Set<String> topics = batch.generations().keySet().stream()
                .map(partition -> partition.topic())
                .collect(Collectors.toSet());
        for (String topic : topics) {
            Optional<UUID> id = topicIds.idSince(topic, batch.newestPolledAtNanos());
            List<Generation> replaced = batch.generations().values().stream()
                    .filter(g -> g.partition().topic().equals(topic))
                    .filter(g -> !id.equals(Optional.of(g.log().topicId())))
                    .toList();
            if (!replaced.isEmpty()) {
                restart(replaced);
            }
        }
    }

    private void release(int records, long held) {
        budget.release(number, records, held);
    }

    @Override
    public void backOff(Duration wait, Throwable cause) {
        retrying = true;
        failed = "retrying a failed write: " + HostFault.words(cause);
        rest(wait, () -> false);
    }

    @Override
    public void awaitRecords(Duration wait, Throwable cause) {
        retrying = false;
        failed = "no row is accepted; waiting for other records to see why: " + HostFault.words(cause);
        rest(wait, () -> !inbox.isEmpty() || draining);
    }

    private void rest(Duration wait, BooleanSupplier enough) {
        long remaining = wait.toNanos();
        lock.lock();
        try {
            while (remaining > 0 && !aborted && !enough.getAsBoolean()) {
                remaining = await(remaining);
            }
        } finally {
            lock.unlock();
        }
        if (aborted) {
            throw new LaneAbortedException();
        }
    }

    @Override
    public void recovered() {
        retrying = false;
        failed = null;
    }

    @Override
    public void durable(List<WrittenRange> ranges) {
        owner.durable(ranges);
    }

    @Override
    public void restart(List<Generation> generations) {
        generations.forEach(Generation::end);
        owner.restart(generations);
    }
}

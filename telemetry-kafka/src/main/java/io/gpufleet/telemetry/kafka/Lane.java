package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.OwnThread;
import io.gpufleet.telemetry.internal.StateLock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
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

    private final StateLock lock = new StateLock();
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
                context.refusals(),
                this::write,
                this::release);
        this.writer = new BatchWriter<>(options, context, gate, this);
    }

    /** Takes a chunk. Called by the poll thread. */
    void offer(Chunk chunk) {
        lock.change(() -> inbox.add(chunk));
    }

    /** Tells the lane to write its records, without linger. Called by any thread. */
    void flush() {
        lock.change(() -> flushing = true);
    }

    /** Tells the lane to write its records, without linger, and to end. */
    void drain() {
        lock.change(() -> draining = true);
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
        // While draining no more records arrive to decide about a batch: it is delivered again.
        return more && (batcher.isEmpty() || !lock.get(() -> draining));
    }

    /** Returns the next chunk; null when the pending batch is due or, while draining, when there is none. */
    private @Nullable Chunk take() {
        while (!rest(nanosUntilDue(), this::isDue)) {}
        return lock.get(inbox::poll);
    }

    /** A flush is over when nothing is left. */
    private boolean isDue() {
        flushing &= !inbox.isEmpty() || !batcher.isEmpty();
        return !inbox.isEmpty() || draining || flushing || nanosUntilDue() <= 0;
    }

    private long nanosUntilDue() {
        return batcher.nanosUntilDue(nanoTime.getAsLong());
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
        rest(linger.get().toNanos(), () -> !inbox.isEmpty() || draining || flushing);
        return lock.get(() -> draining || !inbox.isEmpty());
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
        rest(wait.toNanos(), () -> false);
    }

    @Override
    public void awaitRecords(Duration wait, Throwable cause) {
        retrying = false;
        failed = "no row is accepted; waiting for other records to see why: " + HostFault.words(cause);
        rest(wait.toNanos(), () -> !inbox.isEmpty() || draining);
    }

    /**
     * Waits until there is enough, and returns whether there is. The SDK interrupts a lane only after an abort; any
     * other interrupt comes from the host's code, and is cleared.
     */
    private boolean rest(long nanos, BooleanSupplier enough) {
        boolean isEnough = lock.awaitUninterruptibly(() -> aborted || enough.getAsBoolean(), nanos);
        OwnThread.forgetInterrupt(false);
        if (aborted) {
            throw new LaneAbortedException();
        }
        return isEnough;
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

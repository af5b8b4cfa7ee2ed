package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/** The consumer, as seen by its {@link TransactionalSink}. Immutable, but for {@link #isInUse()}. */
public final class SinkContext {
    private final String groupId;
    private final TelemetryListener listener;
    private final OptionalInt concurrency;
    private final BooleanSupplier inUse;

    private SinkContext(String groupId, TelemetryListener listener, OptionalInt concurrency, BooleanSupplier inUse) {
        this.groupId = requireNonNull(groupId, "groupId");
        this.listener = requireNonNull(listener, "listener");
        this.concurrency = concurrency;
        this.inUse = inUse;
    }

    /**
     * Creates a context of unknown concurrency, for a consumer that is not known to run.
     *
     * @param groupId the consumer group whose positions the sink keeps
     * @param listener the receiver of the sink's own events
     * @return a context
     */
    public static SinkContext of(String groupId, TelemetryListener listener) {
        return new SinkContext(groupId, listener, OptionalInt.empty(), () -> false);
    }

    /**
     * Returns this context with a number of batches that are written at once.
     *
     * @param batches 1 or more
     * @return another context
     */
    public SinkContext concurrency(int batches) {
        if (batches < 1) {
            throw new IllegalArgumentException("concurrency: " + batches + " is not 1 or more");
        }
        return new SinkContext(groupId, listener, OptionalInt.of(batches), inUse);
    }

    /**
     * Returns this context with a check of whether the consumer still uses the sink.
     *
     * @param running true until the consumer has ended; called by any thread
     * @return another context
     */
    public SinkContext inUseWhile(BooleanSupplier running) {
        return new SinkContext(groupId, listener, concurrency, requireNonNull(running, "running"));
    }

    /**
     * Returns the consumer group whose positions the sink keeps.
     *
     * @return the group's name
     */
    public String groupId() {
        return groupId;
    }

    /**
     * Returns the receiver of the sink's own events.
     *
     * @return the consumer's listener
     */
    public TelemetryListener listener() {
        return listener;
    }

    /**
     * Returns whether the consumer still uses the sink, which keeps other consumers from opening it.
     *
     * @return false when it has ended, or if that is not known
     */
    public boolean isInUse() {
        return inUse.getAsBoolean();
    }

    /**
     * Returns the number of batches that are written at once.
     *
     * @return 1 or more, absent if it is not known
     */
    public OptionalInt concurrency() {
        return concurrency;
    }
}

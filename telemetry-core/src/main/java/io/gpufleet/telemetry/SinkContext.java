package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.OptionalInt;

/** What a {@link TransactionalSink} is told about its consumer. Immutable. */
public final class SinkContext {
    private final String groupId;
    private final TelemetryListener listener;
    private final OptionalInt concurrency;

    private SinkContext(String groupId, TelemetryListener listener, OptionalInt concurrency) {
        this.groupId = requireNonNull(groupId, "groupId");
        this.listener = requireNonNull(listener, "listener");
        this.concurrency = concurrency;
    }

    /**
     * Creates a context that does not say how many batches are written at once.
     *
     * @param groupId the consumer group whose positions the sink keeps
     * @param listener where the sink reports what happens inside it
     * @return a context
     */
    public static SinkContext of(String groupId, TelemetryListener listener) {
        return new SinkContext(groupId, listener, OptionalInt.empty());
    }

    /**
     * Returns this context with the number of batches that are written at once.
     *
     * @param batches 1 or more
     * @return another context
     */
    public SinkContext concurrency(int batches) {
        if (batches < 1) {
            throw new IllegalArgumentException("concurrency: " + batches + " is not 1 or more");
        }
        return new SinkContext(groupId, listener, OptionalInt.of(batches));
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
     * Returns where the sink reports what happens inside it.
     *
     * @return the consumer's listener
     */
    public TelemetryListener listener() {
        return listener;
    }

    /**
     * Returns how many batches are written at once.
     *
     * @return 1 or more, absent if it is not known
     */
    public OptionalInt concurrency() {
        return concurrency;
    }
}

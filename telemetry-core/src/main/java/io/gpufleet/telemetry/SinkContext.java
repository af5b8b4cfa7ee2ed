package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

/** What a {@link TransactionalSink} is told about its consumer. Immutable. */
public final class SinkContext {
    private final String groupId;
    private final TelemetryListener listener;

    private SinkContext(String groupId, TelemetryListener listener) {
        this.groupId = requireNonNull(groupId, "groupId");
        this.listener = requireNonNull(listener, "listener");
    }

    /**
     * Creates a context.
     *
     * @param groupId the consumer group whose positions the sink keeps
     * @param listener where the sink reports what happens inside it
     * @return a context
     */
    public static SinkContext of(String groupId, TelemetryListener listener) {
        return new SinkContext(groupId, listener);
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
}

package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import java.time.Duration;

/** A question that took longer than it may; it was cancelled in the database. Immutable. */
public final class QueryTimeoutException extends TelemetryException {
    private static final long serialVersionUID = 1L;

    /** The limit. */
    private final Duration timeout;

    QueryTimeoutException(String question, Duration timeout, Throwable cause) {
        super(question + ": cancelled after " + timeout.toMillis() + " ms, its limit", cause);
        this.timeout = requireNonNull(timeout, "timeout");
    }

    /**
     * Returns the limit, see {@link GpuQueries.Builder#timeout} and {@link HeartbeatQueries.Builder#timeout}.
     *
     * @return positive
     */
    public Duration timeout() {
        return timeout;
    }
}

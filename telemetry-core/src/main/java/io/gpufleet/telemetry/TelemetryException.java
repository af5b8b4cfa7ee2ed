package io.gpufleet.telemetry;

/**
 * The exception of the SDK at run time: the failed operation, its subject, and the cause.
 *
 * <p>Misuse of the API is not reported this way but as {@link IllegalArgumentException} or
 * {@link IllegalStateException}. Immutable.
 */
public class TelemetryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception without a cause.
     *
     * @param message the failed operation and its subject
     */
    public TelemetryException(String message) {
        super(message);
    }

    /**
     * Creates an exception.
     *
     * @param message the failed operation and its subject
     * @param cause the cause
     */
    public TelemetryException(String message, Throwable cause) {
        super(message, cause);
    }
}

package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

/**
 * The failure of a {@link Sink} to write a batch, with the reaction that it allows.
 *
 * <p>Nothing of the batch was written, with one exception: after a {@linkplain Kind#TRANSIENT transient} failure the
 * outcome may be unknown (a commit whose reply was lost), so a transactional sink's positions are read before the batch
 * is retried. Immutable.
 */
public final class SinkException extends TelemetryException {
    private static final long serialVersionUID = 1L;

    /** The reaction to a failure. */
    public enum Kind {
        /** The same batch can succeed later: it is retried with backoff for as long as it takes. */
        TRANSIENT,
        /**
         * As {@link #TRANSIENT}, but the batch itself may be what exceeds a limit of the store (time, memory): when it
         * happens again and again, the batch is halved.
         */
        TRANSIENT_PERHAPS_TOO_LARGE,
        /** A record of the batch cannot be stored: the batch is bisected and the record becomes a dead letter. */
        DATA,
        /**
         * The store leaves open whether one record is at fault or every write (a trigger's own error, a row policy, a
         * limit of its own): the batch is bisected. If some of its rows go in, those that do not become dead letters;
         * while none does, nothing is written. Then it is retried, together with records that have arrived meanwhile,
         * and after a few attempts the consumer stops.
         */
        FATAL_PERHAPS_DATA,
        /** Retrying cannot help: a few attempts, then the consumer stops. */
        FATAL;

        /**
         * Returns whether the same batch may be written later.
         *
         * @return true for the two transient kinds
         */
        public boolean isTransient() {
            return this == TRANSIENT || this == TRANSIENT_PERHAPS_TOO_LARGE;
        }
    }

    private final Kind kind;

    /**
     * Creates an exception.
     *
     * @param kind what may be done about it
     * @param message what failed, with the store's own words
     * @param cause why
     */
    public SinkException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = requireNonNull(kind, "kind");
    }

    /**
     * Creates an exception without a cause.
     *
     * @param kind what may be done about it
     * @param message what failed
     */
    public SinkException(Kind kind, String message) {
        super(message);
        this.kind = requireNonNull(kind, "kind");
    }

    /**
     * Returns what may be done about the failure.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }
}

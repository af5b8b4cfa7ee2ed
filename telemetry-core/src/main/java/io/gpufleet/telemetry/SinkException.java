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
         * As {@link #TRANSIENT}, but the batch itself may exceed a limit of the store (time, memory): after repeated
         * failures the batch is halved.
         */
        TRANSIENT_PERHAPS_TOO_LARGE,
        /** A record of the batch cannot be stored: the batch is bisected and the record becomes a dead letter. */
        DATA,
        /**
         * The store leaves open whether one record is at fault or every write (a trigger's own error, a row policy, a
         * limit of its own): the batch is bisected. If some rows are accepted, the refused ones become dead letters; as
         * long as none is accepted, nothing is written. Then the batch is retried, together with records that have
         * arrived meanwhile, and after a few attempts the consumer stops.
         */
        FATAL_PERHAPS_DATA,
        /** Retrying cannot help: a few attempts, then the consumer stops. */
        FATAL;

        /**
         * Returns whether the same batch can succeed later.
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
     * @param kind the possible reaction
     * @param message the failed operation, with the store's own words
     * @param cause the cause
     */
    public SinkException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = requireNonNull(kind, "kind");
    }

    /**
     * Creates an exception without a cause.
     *
     * @param kind the possible reaction
     * @param message the failed operation
     */
    public SinkException(Kind kind, String message) {
        super(message);
        this.kind = requireNonNull(kind, "kind");
    }

    /**
     * Returns the reaction that the failure allows.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }
}
